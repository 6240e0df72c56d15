// Small helpers to build the page. Text only ever enters as text nodes.

export const byId = (id) => document.getElementById(id);

/** Builds an element. `props`: `class`, `on` (listeners), `data` (data attributes), anything else an attribute. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "on") for (const [event, listen] of Object.entries(value)) node.addEventListener(event, listen);
    else if (name === "data") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

export function icon(name, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  svg.setAttribute("class", `i i-${name}`);
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else {
    svg.setAttribute("aria-hidden", "true");
  }
  return svg;
}

/** Fills an avatar with initials and one of a few tints, always the same for one seed. */
export function paintAvatar(node, name, seed = name) {
  const words = name.split(/\s+/).filter((word) => /\p{L}|\p{N}/u.test(word));
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  node.textContent = letters.map((word) => [...word].find((sign) => /\p{L}|\p{N}/u.test(sign))).join("").toUpperCase();
  let sum = 0;
  for (const sign of seed) sum = (sum * 31 + sign.codePointAt(0)) % 9973;
  node.dataset.tint = String(sum % 6);
  return node;
}

export const avatar = (name, seed) => paintAvatar(el("span", { class: "avatar", "aria-hidden": "true" }), name, seed);

let hiding;
export function toast(text) {
  const node = byId("toast");
  node.textContent = text;
  node.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => (node.hidden = true), 4000);
}
