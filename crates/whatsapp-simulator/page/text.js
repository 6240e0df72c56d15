// Message text with its links, times and numbers.

import { el } from "./dom.js";
import { now, store } from "./store.js";

const PIECES = /(https?:\/\/[^\s<>"]+)|(\+?\d[\d\s\u00a0()-]{5,18}\d)/giu;

/** Digits of a phone number as people write it. */
export const digitsOf = (number) => number.replace(/\D/gu, "");

/** `+852 5642 8035` for reading; the API has no spaces in it. */
export function readable(number) {
  const digits = digitsOf(number);
  const code = /^(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/u.exec(digits)?.[0] ?? digits.slice(0, 3);
  const rest = digits.slice(code.length);
  const groups = rest.length === 8 ? rest.match(/.{4}/gu) : threes(rest);
  return `+${code} ${groups.join(" ")}`;
}

/** Groups of three; the last has up to four. */
function threes(digits) {
  const groups = [];
  let rest = digits;
  for (; rest.length > 4; rest = rest.slice(3)) groups.push(rest.slice(0, 3));
  return [...groups, rest];
}

/** Nodes for a text: addresses become links, our own numbers open their chat. */
export function rich(text, openChat) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(PIECES)) {
    const piece = match[1] ? link(match[1]) : number(match[2], openChat);
    if (!piece) continue;
    nodes.push(text.slice(end, match.index), piece.node);
    end = match.index + piece.length;
  }
  nodes.push(text.slice(end));
  return nodes;
}

function link(address) {
  // Punctuation at the end belongs to the sentence.
  const clean = address.replace(/[.,;:!?'")\]]+$/u, "");
  try {
    const { protocol, href } = new URL(clean);
    if (protocol !== "https:" && protocol !== "http:") return null;
    return { node: chatLink(href) ?? el("a", { href, target: "_blank", rel: "noopener noreferrer" }, clean), length: clean.length };
  } catch {
    return null;
  }
}

let openLink = () => null;
/** Tells how to open `wa.me` links inside this page; called once at the start. */
export const onWaLink = (open) => (openLink = open);

function chatLink(href) {
  const target = parseWaLink(href);
  if (!target || !store.accounts.some((one) => one.digits === target.digits)) return null;
  return el("a", { href, on: { click: (event) => { event.preventDefault(); openLink(target); } } }, href);
}

function number(written, openChat) {
  const digits = digitsOf(written);
  if (!store.accounts.some((one) => one.digits === digits)) return null;
  const node = el("button", { type: "button", class: "number", on: { click: () => openChat(digits) } }, written);
  return { node, length: written.length };
}

/** The number and the text of a click-to-chat link, or null. */
export function parseWaLink(href) {
  let url;
  try {
    url = new URL(href);
  } catch {
    return null;
  }
  const host = url.hostname.replace(/^www\./u, "");
  const number =
    host === "wa.me" ? url.pathname.slice(1) : host === "api.whatsapp.com" ? url.searchParams.get("phone") : null;
  return number ? { digits: digitsOf(number), text: url.searchParams.get("text") ?? "" } : null;
}

const clockFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const shortFormat = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "2-digit", year: "2-digit" });

export const clockTime = (ms) => clockFormat.format(ms);

export function dayKey(ms) {
  const date = new Date(ms);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

export function dayName(ms) {
  if (dayKey(ms) === dayKey(now())) return "Today";
  if (dayKey(ms) === dayKey(now() - 86_400_000)) return "Yesterday";
  return dayFormat.format(ms);
}

export const listTime = (ms) =>
  dayKey(ms) === dayKey(now()) ? clockTime(ms) : dayKey(ms) === dayKey(now() - 86_400_000) ? "Yesterday" : shortFormat.format(ms);
