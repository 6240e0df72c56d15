// What stands around our tab in Microsoft Teams: the host's window, and the address that Microsoft serves its script from. The
// browser of the test takes this server for `teams.microsoft.com` and `res.cdn.office.net`.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

const [key, cert, sdk] = process.argv.slice(-3).map((path) => readFileSync(path));

// The window: it opens a tab when the test says so, and answers what the tab's SDK asks.
const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Microsoft Teams</title>
<style>html, body { height: 100%; margin: 0 } iframe { width: 100%; height: 100%; border: 0; display: block }</style>
<body><script>
const host = window.host = { theme: "default", locale: "en-us", tokens: [], heard: [], frame: null };
host.open = (url) => {
  host.heard = [];
  host.frame?.remove();
  host.frame = document.createElement("iframe");
  host.frame.title = "Leap Work";
  host.frame.setAttribute("sandbox", "allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-same-origin allow-scripts");
  host.frame.src = url;
  document.body.append(host.frame);
};
host.wears = (theme) => {
  host.theme = theme;
  host.frame.contentWindow.postMessage({ func: "themeChange", args: [theme] }, "*");
};
const answers = {
  initialize: () => ["content", "web", JSON.stringify({ apiVersion: 4, isLegacyTeams: false, supports: { clipboard: {} } }), "2.58.0"],
  getContext: () => [{ locale: host.locale, theme: host.theme, entityId: "profile", hostClientType: "web", frameContext: "content" }],
  "authentication.getAuthToken": () => {
    const token = host.tokens.length > 1 ? host.tokens.shift() : host.tokens[0];
    return token ? [true, token] : [false, "resourceRequiresConsent"];
  },
  "clipboard.writeToClipboard": ([{ content, mimeType }]) => { host.copied = [mimeType, content]; return [null, true]; },
};
window.addEventListener("message", ({ data, source, origin }) => {
  if (source !== host.frame?.contentWindow || typeof data.func !== "string") return;
  host.heard.push(data.func);
  const args = answers[data.func]?.(data.args ?? []);
  if (args) source.postMessage({ id: data.id, uuidAsString: data.uuidAsString, args }, origin);
});
</script></body></html>`;

const server = createServer({ key, cert }, (request, response) => {
  const cdn = request.headers.host.startsWith("res.cdn.office.net");
  if (cdn) response.setHeader("access-control-allow-origin", "*");
  if (cdn && request.url.endsWith("/js/MicrosoftTeams.min.js")) {
    response.setHeader("content-type", "text/javascript");
    response.end(sdk);
  } else if (cdn && request.url.endsWith("/json/validDomains.json")) {
    response.setHeader("content-type", "application/json");
    response.end('{"validOrigins":["teams.microsoft.com"]}');
  } else {
    response.setHeader("content-type", "text/html");
    response.end(page);
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
console.log(`listens on ${server.address().port}`);
for await (const _ of process.stdin);
server.close();
server.closeAllConnections();
