// The list of chats, and the person who holds the phone.

import { avatar, byId, el, icon, paintAvatar } from "./dom.js";
import { account, self, store } from "./store.js";
import { listTime, readable } from "./text.js";
import { ticks } from "./ticks.js";

let drawnClients = "";

export function drawSwitcher() {
  const options = store.clients.map((one) => {
    const others = one.id !== store.client && one.unread > 0 ? ` (${one.unread})` : "";
    return [one.id, one.name + others];
  });
  const wanted = JSON.stringify([store.client, options]);
  // Drawing the options anew closes the list that somebody may have open.
  if (wanted !== drawnClients) {
    drawnClients = wanted;
    byId("client").replaceChildren(
      ...options.map(([value, name]) => el("option", { value, selected: value === store.client }, name)),
    );
  }
  const person = self();
  if (!person) return;
  paintAvatar(byId("own-avatar"), person.name);
  byId("own-number").textContent = person.phone ? readable(person.phone) : `@${person.username ?? person.bsuid}`;
  const notice = byId("offline");
  notice.hidden = person.online;
  notice.textContent = person.online ? "" : "This phone has no connection.";
}

export function drawList(open) {
  const chats = [...store.threads].filter(([, one]) => one.messages.length > 0);
  chats.sort(([, one], [, other]) => other.messages.at(-1).at_ms - one.messages.at(-1).at_ms);
  const list = byId("chats");
  const focused = document.activeElement?.closest?.("[data-chat]")?.dataset.chat;
  list.replaceChildren(...chats.map(([digits, one]) => chatItem(digits, one, open)));
  if (chats.length === 0) {
    list.append(
      el("li", { class: "empty" }, icon("chat"), el("strong", {}, "No chats yet"),
        "Scan the code of the person you want to talk to, or start a new chat."),
    );
  }
  // A list that was drawn anew must not take the keyboard's place away.
  if (focused) list.querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus();
  const unread = chats.reduce((sum, [, one]) => sum + one.unread, 0);
  document.title = unread > 0 ? `(${unread}) Chats` : "Chats";
}

function chatItem(digits, { unread, messages }, open) {
  const business = account(digits);
  const last = messages.at(-1);
  const name = business?.verified_name ?? readable(digits);
  const typing = (store.typing.get(digits) ?? 0) > Date.now();
  return el("li", {},
    el("button", {
      type: "button",
      class: "chat",
      "aria-current": digits === store.chat ? "true" : undefined,
      data: { testid: `chat-item-${digits}`, chat: digits },
      on: { click: () => open(digits) },
    },
      avatar(name, digits),
      el("span", { class: "lines" },
        el("span", { class: "line" },
          el("span", { class: "name", dir: "auto" }, name),
          el("time", { class: unread ? "when lively" : "when" }, listTime(last.at_ms))),
        el("span", { class: "line" }, el("span", { class: "digits" }, readable(digits))),
        el("span", { class: "line" },
          el("span", { class: "snippet" },
            last.from_client ? ticks(last.state) : null,
            last.media ? icon("photo") : null,
            el("span", { dir: "auto", class: typing ? "lively" : "" }, typing ? "typing…" : snippet(last))),
          unread > 0 && el("span", { class: "badge", data: { testid: "unread" }, "aria-label": `${unread} unread` }, String(unread))))));
}

const snippet = (message) => message.text || message.media || message.kind;

export function drawOffers(open) {
  byId("offers").replaceChildren(
    ...store.accounts
      .filter((one) => one.advertised)
      .map((one) =>
        el("li", {},
          el("button", { type: "button", class: "chat", data: { testid: `offer-${one.digits}` }, on: { click: () => open(one.digits) } },
            avatar(one.verified_name, one.digits),
            el("span", { class: "lines" },
              el("span", { class: "line" }, el("span", { class: "name", dir: "auto" }, one.verified_name)),
              el("span", { class: "line" }, el("span", { class: "digits" }, readable(one.digits))))))),
  );
}
