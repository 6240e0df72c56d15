// A bot on @kapso/whatsapp-cloud-api. What it hears and sends it prints, a JSON object a line.
import { createServer } from "node:http";
import { WhatsAppClient, buildTemplateSendPayload } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";

const { GRAPH_URL, TOKEN, APP_SECRET } = process.env;
const say = (what) => console.log(JSON.stringify(what));
const client = new WhatsAppClient({ accessToken: TOKEN, baseUrl: GRAPH_URL, graphVersion: "v23.0" });

async function template(phoneNumberId, to, name, parameters) {
  const body = parameters.map((text) => ({ type: "text", text }));
  const payload = buildTemplateSendPayload({ name, language: "en", body });
  return client.messages.sendTemplate({ phoneNumberId, to, template: payload });
}

async function heard(phoneNumberId, message) {
  say({ heard: message.text.body });
  const to = message.from;
  const text = await client.messages.sendText({ phoneNumberId, to, body: `You said: ${message.text.body}` });
  const invitation = await template(phoneNumberId, to, "client_invitation", ["Dom", "Acme"]);
  say({ sent: [text.messages[0].id, invitation.messages[0].id] });
  try {
    await template(phoneNumberId, to, "paused", []);
  } catch (refusal) {
    say({ refused: refusal.code });
  }
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const rawBody = Buffer.concat(chunks);
  const signatureHeader = request.headers["x-hub-signature-256"];
  if (!verifySignature({ appSecret: APP_SECRET, rawBody, signatureHeader })) {
    response.writeHead(401).end();
    return;
  }
  response.writeHead(200).end();
  const webhook = normalizeWebhook(JSON.parse(rawBody));
  for (const one of webhook.statuses) say({ status: one.status, id: one.id });
  for (const one of webhook.messages) await heard(webhook.phoneNumberId, one);
});
server.listen(0, "127.0.0.1", () => say({ listening: server.address().port }));
