// The real provider `oidc-provider`, as a company would run one. It prints its issuer, reads where browsers are sent back to,
// and says so when it is ready; then it takes orders, one JSON a line, and tells when it obeys. Whoever signs in is who the form
// says; there are no passwords. Under its address is a directory of Microsoft Entra ID, too, as far as Teams needs it.
import { createServer } from "node:http";
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

const algorithm = process.argv.at(-1);
let order = {};
let provider;

const server = createServer((request, response) => {
  const directory = /^\/([0-9a-f-]{36})\/v2\.0\/\.well-known\/openid-configuration$/.exec(request.url);
  if (directory) {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({
      issuer: `${issuer}/${directory[1]}/v2.0`,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
    }));
  } else if (provider) {
    provider(request, response);
  } else {
    response.writeHead(503).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

// One key of each kind, and one that is not the provider's and says it is.
const made = {
  rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ec: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  okp: generateKeyPairSync("ed25519"),
};
const keys = Object.entries(made).map(([kid, pair]) => ({ ...pair.privateKey.export({ format: "jwk" }), kid, use: "sig" }));
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

const part = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

// A token with these claims, signed as the order says.
function token(claims) {
  const header = { alg: "ES256", kid: "ec", typ: "JWT", ...order.header };
  const message = `${part(header)}.${part(claims)}`;
  const own = made.ec.privateKey;
  switch (order.key) {
    case "none":
      return `${message}.`;
    case "secret": {
      const published = createPublicKey(own).export({ type: "spki", format: "pem" });
      return `${message}.${createHmac("sha256", published).update(message).digest("base64url")}`;
    }
    default: {
      const key = order.key === "stranger" ? stranger : createPrivateKey({ key: own.export({ format: "jwk" }), format: "jwk" });
      return `${message}.${sign("sha256", Buffer.from(message), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
    }
  }
}

// What the order makes of honest claims; `null` takes one away, and times are seconds from now.
function twisted(claims) {
  const all = { ...claims, ...order.claims };
  const now = Math.floor(Date.now() / 1000);
  for (const [name, seconds] of Object.entries(order.times ?? {})) all[name] = now + seconds;
  for (const [name, value] of Object.entries(all)) if (value === null) delete all[name];
  return all;
}

console.log(`issuer ${issuer}`);
for await (const line of createInterface({ input: process.stdin })) {
  if (!provider) {
    provider = begun(line);
    console.log("ready");
    continue;
  }
  order = JSON.parse(line);
  console.log(order.tenant ? `token ${token(twisted(order.of))}` : "obeys");
}
server.close();
server.closeAllConnections();

function begun(redirect) {
  const made = new Provider(issuer, {
    clients: [
      {
        client_id: "acme-client",
        client_secret: "the oidc/+& secret",
        redirect_uris: [redirect],
        grant_types: ["authorization_code"],
        response_types: ["code"],
        id_token_signed_response_alg: algorithm,
      },
    ],
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256", "EdDSA"] },
    jwks: { keys },
    cookies: { keys: ["the key of this test"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: "michael@acme.example" }) }),
  });
  made.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route === "discovery" && order.discovery) Object.assign(ctx.body, order.discovery);
    if (ctx.oidc?.route === "token" && ctx.body?.id_token && Object.keys(order).length > 0) {
      const claims = JSON.parse(Buffer.from(ctx.body.id_token.split(".")[1], "base64url"));
      ctx.body.id_token = token(twisted(claims));
    }
  });
  return made.callback();
}
