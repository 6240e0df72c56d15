// The open conversation.

import { byId, el, icon, paintAvatar } from "./dom.js";
import { account, store, thread } from "./store.js";
import { clockTime, dayKey, dayName, readable, rich } from "./text.js";
import { ticks } from "./ticks.js";

let drawn = { chat: null, client: null, day: null };
/** Set by the app: `openChat(digits)` and `tap(message, action)`. */
export const handlers = { openChat: () => {}, tap: () => {} };

export function drawConversation() {
  const digits = store.chat;
  byId("welcome").hidden = digits !== null;
  byId("talk").hidden = digits === null;
  document.querySelector(".app").dataset.view = digits === null ? "list" : "chat";
  if (digits === null) {
    drawn = { chat: null, client: null, day: null };
    return;
  }
  drawHead(digits);
  const log = byId("log");
  drawn = { chat: digits, client: store.client, day: null };
  // What is already there when a chat opens is not news to a screen reader.
  log.setAttribute("aria-live", "off");
  log.replaceChildren(el("p", { class: "note" }, icon("lock"), "You are writing to a business. It may use software to answer."));
  for (const message of thread(digits).messages) append(message);
  drawTyping();
  toEnd();
  requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
}

/** Shows one new or changed message of the open chat. */
export function drawMessage(message) {
  if (drawn.chat !== store.chat || drawn.client !== store.client) return drawConversation();
  const known = byId("log").querySelector(`[data-id="${CSS.escape(message.id)}"]`);
  const stick = nearEnd() || message.from_client;
  if (known) known.replaceWith(bubble(message));
  else append(message);
  drawTyping();
  if (stick) toEnd();
}

export function drawTyping() {
  const typing = (store.typing.get(store.chat) ?? 0) > Date.now();
  const stick = nearEnd();
  byId("typing").hidden = !typing;
  if (store.chat !== null) drawHead(store.chat, typing);
  if (typing && stick) toEnd();
}

function drawHead(digits, typing = false) {
  const name = account(digits)?.verified_name;
  paintAvatar(byId("peer-avatar"), name ?? digits, digits);
  byId("peer-name").textContent = name ?? readable(digits);
  byId("peer-sub").textContent = typing ? "typing…" : `${readable(digits)} · Business account`;
}

function append(message) {
  const log = byId("log");
  const day = dayKey(message.at_ms);
  if (day !== drawn.day) {
    drawn.day = day;
    log.append(el("p", { class: "day" }, el("span", {}, dayName(message.at_ms))));
  }
  log.append(bubble(message));
}

function bubble(message) {
  const mine = message.from_client;
  const quoted = message.quotes && thread(store.chat).messages.find((one) => one.id === message.quotes);
  return el("article", {
    class: mine ? "bubble out" : "bubble in",
    data: { testid: mine ? "message-out" : "message-in", id: message.id, kind: message.kind, state: message.state },
  },
    el("span", { class: "hidden" }, mine ? "You: " : "Business: "),
    quoted && el("blockquote", { dir: "auto" }, quoted.text || quoted.media || quoted.kind),
    message.media && (message.kind === "image"
      ? el("div", { class: "photo", role: "img", "aria-label": "Photo" }, icon("photo"))
      : el("p", { class: "media" }, icon("clip"), message.media)),
    message.title && el("strong", { class: "title", dir: "auto" }, message.title),
    el("p", { class: "text", dir: "auto" }, ...rich(message.text, (digits) => handlers.openChat(digits))),
    message.footer && el("p", { class: "footer", dir: "auto" }, message.footer),
    el("p", { class: "meta" }, el("time", { datetime: new Date(message.at_ms).toISOString() }, clockTime(message.at_ms)),
      mine && ticks(message.state)),
    message.actions?.length > 0 && el("div", { class: "actions" }, ...message.actions.map((action) => actionNode(message, action))));
}

function actionNode(message, action) {
  if (action.kind === "link") {
    const safe = /^https?:\/\//iu.test(action.id);
    return el("a", { href: safe ? action.id : undefined, target: "_blank", rel: "noopener noreferrer", dir: "auto" }, action.title);
  }
  return el("button", { type: "button", dir: "auto", data: { testid: "action" }, on: { click: () => handlers.tap(message, action) } }, action.title);
}

function nearEnd() {
  const box = byId("scroll");
  return box.scrollHeight - box.scrollTop - box.clientHeight < 120;
}

function toEnd() {
  const box = byId("scroll");
  box.scrollTop = box.scrollHeight;
}
