// What the page knows. Views read it and are told when it changes.

import { api } from "./api.js";

export const store = {
  accounts: [],
  scannables: [],
  clients: [],
  /** Id of the client whose phone this is. */
  client: null,
  /** Digits of the open chat, or null. */
  chat: null,
  /** Threads of this client by the account's digits: `{unread, messages}`. */
  threads: new Map(),
  /** What stands in the composer of each chat. */
  drafts: new Map(),
  /** Until when the business is typing, by the account's digits. */
  typing: new Map(),
  /** The simulator's clock minus ours. */
  skew: 0,
};

export const now = () => Date.now() + store.skew;
export const account = (digits) => store.accounts.find((one) => one.digits === digits);
export const self = () => store.clients.find((one) => one.id === store.client);
export const thread = (digits) => store.threads.get(digits) ?? { unread: 0, messages: [] };

/** Loads everything anew. `wanted` names the client to be, if there is one of this name. */
export async function load(wanted) {
  const state = await api.state();
  store.accounts = state.accounts;
  store.scannables = state.scannables;
  store.clients = state.clients;
  store.skew = state.now_ms - Date.now();
  const named = store.clients.find((one) => [one.id, one.bsuid, one.username].includes(wanted));
  store.client = (named ?? self() ?? store.clients[0])?.id ?? null;
  await loadThreads();
}

async function loadThreads() {
  const client = store.client;
  const answer = client === null ? { threads: [] } : await api.threads(client);
  // The person may have taken another phone meanwhile.
  if (client !== store.client) return;
  store.threads = new Map(answer.threads.map((one) => [one.account, one]));
}

/** Puts a new message into its thread, or replaces the one of its id. */
export function upsert(digits, message, unread) {
  const known = store.threads.get(digits) ?? { unread: 0, messages: [] };
  const index = known.messages.findIndex((one) => one.id === message.id);
  if (index < 0) known.messages.push(message);
  else known.messages[index] = message;
  known.unread = unread;
  store.threads.set(digits, known);
  if (!message.from_client) store.typing.delete(digits);
}

/** Notes the unread messages of any client's chat, for the switcher. */
export function noteUnread(client, digits, unread) {
  const person = store.clients.find((one) => one.id === client);
  if (!person) return;
  const known = person.threads.find((one) => one.account === digits);
  if (known) known.unread = unread;
  else person.threads.push({ account: digits, unread });
  person.unread = person.threads.reduce((sum, one) => sum + one.unread, 0);
}
