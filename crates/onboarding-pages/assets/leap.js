// What makes the pages quicker. Each of them is whole without it, but in Microsoft Teams (teams.js).

// How pages and pictures are had. The tab of Microsoft Teams has ways of its own.
export const way = {
  ask: (address, options) => fetch(address, options),
  copy: (text) => navigator.clipboard.writeText(text),
  save: (link) => window.location.assign(link.href),
  // What in a new part has to be asked for before it is shown.
  prepare: async (part) => part,
};

// Links that open a dialog of the same page, where there is one.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog?.showModal && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  const closer = event.target.closest("[data-closes]");
  const open = closer?.closest("dialog");
  if (open) {
    event.preventDefault();
    open.close();
  } else if (event.target instanceof HTMLDialogElement) {
    event.target.close(); // a click beside it
  }
});

function say(from, words) {
  const place = from.closest(".sheet, main")?.querySelector("[role=status]");
  if (place) place.textContent = words;
  return place;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  event.preventDefault();
  try {
    await way.copy(button.dataset.copies);
    say(button, button.dataset.said);
  } catch {
    // No permission: the link can still be taken by hand.
    const place = say(button, button.dataset.copies);
    if (place) window.getSelection().selectAllChildren(place);
  }
});

// The system's share sheet with the picture itself; where there is none, the link downloads it.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-shares]");
  if (!link || !navigator.canShare) return;
  const probe = new File([""], "probe.png", { type: "image/png" });
  if (!navigator.canShare({ files: [probe] })) return;
  event.preventDefault();
  try {
    const answer = await way.ask(link.href);
    const file = new File([await answer.blob()], link.download, { type: "image/png" });
    await navigator.share({ files: [file] });
  } catch (problem) {
    if (problem.name !== "AbortError") await way.save(link);
  }
});

// Parts of a page that change by themselves: when the server says so, the page is read again, and of each part that
// differs only that part is replaced.
const policy = window.trustedTypes?.createPolicy("live", { createHTML: (html) => html }) ?? { createHTML: (html) => html };

export const parsed = (html) => new DOMParser().parseFromString(policy.createHTML(html), "text/html");

// Times as the reader's clock and language write them; the server writes them in UTC.
export function localise(part) {
  const { lang } = document.documentElement;
  const sameDay = new Intl.DateTimeFormat(lang, { timeStyle: "short" });
  const otherDay = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of part.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const today = at.toDateString() === new Date().toDateString();
    time.textContent = (today ? sameDay : otherDay).format(at);
  }
}

// What the server wrote of each part, to tell whether it wrote something else now.
const written = new Map();

export function remember(page) {
  written.clear();
  for (const part of page.querySelectorAll("[data-live][id]")) written.set(part.id, part.innerHTML);
}

remember(document);
localise(document);

// What somebody holds, points at or has opened stays: elements are kept, and told apart by `data-key` where lists change
// their order.
function become(old, next) {
  if (old.nodeType !== next.nodeType || old.nodeName !== next.nodeName) return old.replaceWith(next);
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  if (old.isEqualNode(next)) return;
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  hold(old, [...next.childNodes]);
}

const keyOf = (node) => node.dataset?.key;

function hold(parent, nodes) {
  const keyed = new Map([...parent.children].filter(keyOf).map((child) => [keyOf(child), child]));
  let at = parent.firstChild;
  for (const next of nodes) {
    const same = keyOf(next) ? keyed.get(keyOf(next)) : at && !keyOf(at) ? at : undefined;
    if (!same) {
      parent.insertBefore(next, at);
      continue;
    }
    if (same === at) at = at.nextSibling;
    else parent.insertBefore(same, at);
    become(same, next);
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

async function refresh() {
  const at = window.location.href;
  const answer = await way.ask(at, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return window.location.reload();
  const fresh = parsed(await answer.text());
  for (const part of document.querySelectorAll("[data-live][id]")) {
    const next = fresh.getElementById(part.id);
    if (!next || next.innerHTML === written.get(part.id)) continue;
    const now = next.innerHTML;
    await way.prepare(next);
    if (window.location.href !== at) return; // somebody went on meanwhile
    written.set(part.id, now);
    hold(part, [...document.adoptNode(next).childNodes]);
    localise(part);
  }
}

let reading = Promise.resolve();

// Reads the page again, after whatever reads it now.
export function again() {
  reading = reading.then(refresh, refresh);
  return reading;
}

const live = document.documentElement.dataset.events;
if (live && window.EventSource) {
  const events = new EventSource(live);
  events.addEventListener("changed", again);
  // It is over for good: the session ended, or the page's subject is gone.
  events.addEventListener("error", () => { if (events.readyState === EventSource.CLOSED) again(); });
  window.addEventListener("pagehide", () => events.close());
}
