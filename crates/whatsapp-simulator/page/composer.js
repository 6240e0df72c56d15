// Writing and sending.

import { api } from "./api.js";
import { byId, toast } from "./dom.js";
import { store } from "./store.js";

const text = byId("text");

export function setUpComposer() {
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  text.addEventListener("keydown", (event) => {
    // While an input method composes, Enter chooses a candidate.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  text.addEventListener("input", () => {
    store.drafts.set(store.chat, text.value);
    fit();
  });
  byId("attach").addEventListener("click", () => {
    byId("caption").value = text.value;
    byId("photo-sheet").showModal();
    byId("caption").focus();
  });
  byId("photo-form").addEventListener("submit", (event) => {
    event.preventDefault();
    byId("photo-sheet").close();
    setDraft("");
    send({ image_caption: byId("caption").value });
  });
}

/** Shows the draft of the open chat. */
export function drawComposer() {
  text.value = store.drafts.get(store.chat) ?? "";
  fit();
}

export function setDraft(draft) {
  store.drafts.set(store.chat, draft);
  drawComposer();
}

export function focusComposer() {
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
}

/** Sends something to the open chat. */
export async function send(message) {
  try {
    await api.send(store.client, { to_account: store.chat, ...message });
  } catch (problem) {
    toast(`Not sent. ${problem.message}`);
    return false;
  }
  return true;
}

async function submit() {
  const draft = text.value;
  if (draft.trim() === "") return;
  setDraft("");
  const chat = store.chat;
  if (!(await send({ text: draft })) && store.chat === chat && text.value === "") setDraft(draft);
}

/** Grows with the text, up to a third of the screen. */
function fit() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, window.innerHeight / 3)}px`;
  byId("send").disabled = text.value.trim() === "";
}
