// How far a message of ours came.

import { icon } from "./dom.js";

const LOOKS = {
  pending: ["clock", "Sending"],
  sent: ["tick", "Sent"],
  delivered: ["ticks", "Delivered"],
  read: ["ticks", "Read"],
};

export function ticks(state) {
  const [name, label] = LOOKS[state] ?? LOOKS.pending;
  const node = icon(name, label);
  node.classList.add("ticks", `is-${state}`);
  node.dataset.state = state;
  return node;
}
