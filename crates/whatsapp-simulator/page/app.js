// Ties the views, the store and the live updates together.

import { api } from "./api.js";
import { drawList, drawOffers, drawSwitcher } from "./chat-list.js";
import { drawComposer, focusComposer, send, setDraft, setUpComposer } from "./composer.js";
import { drawConversation, drawMessage, drawTyping, handlers } from "./conversation.js";
import { byId, toast } from "./dom.js";
import { listen } from "./live.js";
import { openScan } from "./scan.js";
import { account, load, noteUnread, store, thread, upsert } from "./store.js";
import { digitsOf, onWaLink } from "./text.js";
import { openTools, setUpTools } from "./tools.js";

const TYPING_MS = 25_000;

function draw() {
  drawSwitcher();
  drawList(openChat);
  drawConversation();
  drawComposer();
}

/** Opens a chat; `draft` replaces what stands in its composer. */
function openChat(digits, draft) {
  if (!account(digits)) {
    toast("This number is not on the network.");
    return false;
  }
  store.chat = digits;
  if (draft !== undefined) setDraft(draft);
  remember();
  drawList(openChat);
  drawConversation();
  drawComposer();
  focusComposer();
  markRead();
  return true;
}

function closeChat() {
  const left = store.chat;
  store.chat = null;
  remember();
  drawConversation();
  drawList(openChat);
  document.querySelector(`[data-chat="${CSS.escape(left ?? "")}"]`)?.focus();
}

/** Reading happens only where somebody looks. */
function markRead() {
  if (store.chat === null || document.visibilityState !== "visible" || thread(store.chat).unread === 0) return;
  api.read(store.client, store.chat).catch((problem) => toast(problem.message));
}

/** Keeps the address in step, so that a reload comes back here and "back" leaves the chat. */
function remember() {
  const address = new URL(location.pathname, location.origin);
  if (store.client) address.searchParams.set("client", store.client);
  if (store.chat) address.searchParams.set("chat", store.chat);
  if (address.href !== location.href) history.pushState(null, "", address);
}

let loading = false;
let missed = false;

/** Loads until nothing happened meanwhile: an answer on its way may be older than an event just heard. */
async function reload(wanted = store.client) {
  missed = true;
  if (loading) return;
  loading = true;
  try {
    for (let round = 0; missed && round < 5; round += 1) {
      missed = false;
      await load(round === 0 ? wanted : store.client);
    }
  } catch (problem) {
    toast(problem.message);
  } finally {
    loading = false;
  }
  draw();
  markRead();
}

let switcherDue = false;
/** At most once a frame: under load, events of other phones come by the hundred. */
function switcherSoon() {
  if (switcherDue) return;
  switcherDue = true;
  requestAnimationFrame(() => {
    switcherDue = false;
    drawSwitcher();
  });
}

async function switchClient(id) {
  store.client = id;
  store.chat = null;
  store.threads = new Map();
  store.drafts = new Map();
  store.typing = new Map();
  remember();
  await reload();
}

function setUpPage() {
  setUpComposer();
  setUpTools();
  handlers.openChat = openChat;
  handlers.tap = (message, { kind, id, title }) => {
    const context = message.id;
    send(kind === "quick_reply" ? { context, button: { payload: id, text: title } } : { context, reply: { id, title, list: kind === "list_reply" } });
  };
  onWaLink(({ digits, text }) => openChat(digits, text || undefined));
  byId("client").addEventListener("change", (event) => switchClient(event.target.value));
  byId("back").addEventListener("click", closeChat);
  byId("open-scan").addEventListener("click", () => openScan(scanned));
  byId("open-new").addEventListener("click", newChat);
  byId("open-tools").addEventListener("click", openTools);
  byId("new-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const digits = digitsOf(byId("new-number").value);
    if (account(digits)) startFrom("new-sheet", digits);
    else byId("new-problem").textContent = "This number is not on the network. Check the country code.";
  });
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    // A click on the backdrop has the dialog itself as its target.
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }
  document.addEventListener("visibilitychange", markRead);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && store.chat !== null && !document.querySelector("dialog[open]")) closeChat();
  });
  addEventListener("popstate", async () => {
    const wanted = new URLSearchParams(location.search);
    const client = wanted.get("client");
    if (client && client !== store.client) {
      store.client = client;
      store.threads = new Map();
    }
    store.chat = account(wanted.get("chat")) ? wanted.get("chat") : null;
    await reload();
  });
}

function newChat() {
  drawOffers((digits) => startFrom("new-sheet", digits));
  byId("new-problem").textContent = "";
  byId("new-number").value = "";
  byId("new-sheet").showModal();
}

function startFrom(sheet, digits) {
  byId(sheet).close();
  openChat(digits);
}

function scanned(target) {
  if (!target) toast("This code does not open a chat.");
  else openChat(target.digits, target.text);
}

function setUpLive() {
  listen({
    message({ client, account: digits, unread, message }) {
      missed = true;
      noteUnread(client, digits, unread);
      if (client === store.client) {
        upsert(digits, message, unread);
        if (digits === store.chat) {
          drawMessage(message);
          markRead();
        }
        drawList(openChat);
      }
      switcherSoon();
    },
    read({ client, account: digits }) {
      noteUnread(client, digits, 0);
      if (client === store.client) {
        thread(digits).unread = 0;
        drawList(openChat);
      }
      switcherSoon();
    },
    typing({ client, account: digits }) {
      if (client !== store.client) return;
      store.typing.set(digits, Date.now() + TYPING_MS);
      const redraw = () => {
        if (digits === store.chat) drawTyping();
        drawList(openChat);
      };
      redraw();
      setTimeout(redraw, TYPING_MS + 100);
    },
    client: () => reload(),
    reload: () => reload(),
    connected(yes) {
      document.body.classList.toggle("disconnected", !yes);
      if (!yes) toast("Connection lost. Trying again…");
    },
  });
}

async function start() {
  setUpPage();
  const wanted = new URLSearchParams(location.search);
  // Before the first load, so that nothing can happen between the two unheard.
  setUpLive();
  await reload(wanted.get("client"));
  const chat = digitsOf(wanted.get("chat") ?? "");
  if (account(chat)) {
    store.chat = chat;
    draw();
    markRead();
  }
  if (wanted.has("scan")) openScan(scanned);
  if (wanted.has("new")) newChat();
  if (wanted.has("tools")) openTools();
}

start().catch((problem) => toast(problem.message));
