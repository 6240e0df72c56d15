// A bot on whatsapp-api-js. What it hears and sends it prints, a JSON object a line.
import { createServer } from "node:http";
import { BodyComponent, BodyParameter, Language, Template, Text } from "whatsapp-api-js/messages";
import { WhatsAppAPI } from "whatsapp-api-js/middleware/node-http";

const { GRAPH_URL, TOKEN, APP_SECRET } = process.env;
const say = (what) => console.log(JSON.stringify(what));
// The library has the address of Meta's API built in.
const toSimulator = (url, options) => fetch(url.replace("https://graph.facebook.com", GRAPH_URL), options);
const api = new WhatsAppAPI({ token: TOKEN, appSecret: APP_SECRET, v: "v23.0", ponyfill: { fetch: toSimulator } });

api.on.message = async ({ message, reply }) => {
  say({ heard: message.text.body });
  const text = await reply(new Text(`You said: ${message.text.body}`));
  const words = new BodyComponent(new BodyParameter("Dom"), new BodyParameter("Acme"));
  const invitation = await reply(new Template("client_invitation", new Language("en"), words));
  say({ sent: [text.messages[0].id, invitation.messages[0].id] });
  const refusal = await reply(new Template("paused", new Language("en")));
  say({ refused: refusal.error.code });
};
api.on.status = ({ status, id }) => say({ status, id });

const server = createServer(async (request, response) => {
  response.statusCode = await api.handle_post(request);
  response.end();
});
server.listen(0, "127.0.0.1", () => say({ listening: server.address().port }));
