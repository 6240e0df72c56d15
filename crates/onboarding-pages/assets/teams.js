// The tab in Microsoft Teams. The page that loads this names nobody (templates/app/tab.html): pages are asked for with the
// token of the tab's single sign-on, as bearer and never with a cookie (docs/sign-in.md), and shown in its place.
import { again, localise, parsed, remember, way } from "./leap.js";

const sdk = window.microsoftTeams;
const root = document.documentElement;

// How long the host may take to say that it is there.
const PATIENCE_MS = 10_000;
const PAUSE_MS = 3_000;

class Failure extends Error {
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

function wear(theme) {
  root.dataset.theme = ["dark", "contrast"].includes(theme) ? theme : "light";
}

// Kept apart from the page that is shown, which takes their place.
const failures = new Map([...document.querySelectorAll("[data-failure]")].map((part) => [part.dataset.failure, part]));

function fail(problem) {
  const part = failures.get(problem.kind) ?? failures.get("broken");
  part.hidden = false;
  const main = document.createElement("main");
  main.className = "alone";
  main.id = "content";
  main.append(part);
  document.body.replaceChildren(main);
}

// Teams keeps the token until it ends, so it is asked for each time.
async function token() {
  try {
    return await sdk.authentication.getAuthToken();
  } catch {
    throw new Failure("unsigned");
  }
}

// The language of the host.
let locale;

async function ask(address, options = {}) {
  const target = new URL(address, window.location.href);
  if (target.origin !== window.location.origin) throw new Failure("broken"); // the token is for us alone
  const send = async () => {
    const headers = new Headers(options.headers);
    headers.set("Authorization", `Bearer ${await token()}`);
    if (locale) headers.set("Accept-Language", locale);
    return fetch(target, { ...options, headers, credentials: "omit", cache: "no-store" });
  };
  const answer = await send();
  // The token ended on the way: what is refused was not done, so it may be sent again, once.
  return answer.status === 401 ? send() : answer;
}

const isOurs = (url) => url.origin === window.location.origin && /^\/teams(\/|$)/.test(url.pathname);

// Pictures come with the bearer, too. An address changes with its picture, and a user has few.
const pictures = new Map();

async function pictured(address) {
  const known = pictures.get(address);
  if (known) return known;
  const answer = await ask(address);
  if (!answer.ok) throw new Failure("broken");
  const url = URL.createObjectURL(await answer.blob());
  pictures.set(address, url);
  return url;
}

function picturesOf(part) {
  const all = [...part.querySelectorAll("img[src]")].map((picture) => [picture, new URL(picture.getAttribute("src"), root.baseURI)]);
  return all.filter(([, url]) => isOurs(url));
}

async function saved(link) {
  const url = URL.createObjectURL(await (await ask(link.href)).blob());
  const download = document.createElement("a");
  download.href = url;
  download.download = link.download;
  download.click();
  window.setTimeout(() => URL.revokeObjectURL(url), PAUSE_MS);
}

way.ask = ask;
way.save = saved;
way.copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch (problem) {
    // Not every host lets its tabs; those have a way of their own.
    if (!sdk.clipboard.isSupported()) throw problem;
    await sdk.clipboard.write(new Blob([text], { type: "text/plain" }));
  }
};
way.prepare = async (part) => {
  for (const [picture, url] of picturesOf(part)) picture.src = await pictured(url.href);
};

function show(page) {
  remember(page);
  const waiting = picturesOf(page);
  for (const [picture] of waiting) picture.removeAttribute("src"); // width and height stay: nothing moves when it comes
  root.lang = page.documentElement.lang;
  root.dir = page.documentElement.dir;
  document.title = page.title;
  document.body.replaceChildren(...[...page.body.childNodes].map((node) => document.adoptNode(node)));
  localise(document);
  for (const [picture, url] of waiting) pictured(url.href).then((src) => { picture.src = src; }, () => {});
}

let visits = 0;

async function go(address, options) {
  const mine = ++visits;
  const answer = await ask(address, { headers: { Accept: "text/html" }, ...options });
  if (!answer.headers.get("content-type")?.startsWith("text/html")) throw new Failure("broken");
  const page = parsed(await answer.text());
  if (mine !== visits) return; // somebody went on meanwhile
  const shown = new URL(answer.url);
  if (mine === 1) history.replaceState(null, "", shown);
  else if (shown.href !== window.location.href) history.pushState(null, "", shown);
  show(page);
  if (mine > 1) {
    window.scrollTo(0, 0);
    const heading = (document.querySelector("main h1") ?? document.querySelector("main"));
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }
  follow(page.documentElement.dataset.events);
}

const rest = () => new Promise((resolve) => { window.setTimeout(resolve, PAUSE_MS); });

let following;

// Server-sent events by hand: EventSource cannot send the token.
async function follow(address) {
  following?.abort();
  following = undefined;
  if (!address) return;
  const mine = (following = new AbortController());
  let last;
  const hear = async () => {
    const headers = { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }) };
    const answer = await ask(address, { headers, signal: mine.signal });
    if (!answer.ok) {
      mine.abort(); // it is over for good: what the page showed is gone
      return again();
    }
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let left = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const events = (left + value).split("\n\n");
      left = events.pop();
      const changed = events.filter((event) => /^event: changed$/m.test(event)).at(-1);
      if (!changed) continue;
      last = /^id: (.*)$/m.exec(changed)?.[1] ?? last;
      await again();
    }
  };
  while (!mine.signal.aborted) {
    await hear().catch(() => {});
    await rest(); // the token ended, or the server went
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const url = new URL(link.href);
  if (!isOurs(url) || link.target) return;
  if (url.hash && url.pathname === window.location.pathname && url.search === window.location.search) return;
  event.preventDefault();
  if (link.hasAttribute("download")) saved(link).catch(fail);
  else go(url).catch(fail);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  const url = new URL(event.submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "", window.location.href);
  if (event.defaultPrevented || !isOurs(url) || form.method === "dialog") return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  if (form.method === "post") return void go(url, { method: "POST", body: fields }).catch(fail);
  url.search = fields;
  go(url).catch(fail);
});

window.addEventListener("popstate", () => go(window.location.href).catch(fail));
window.addEventListener("pagehide", () => following?.abort());

async function met() {
  const late = new Promise((_, reject) => { window.setTimeout(reject, PATIENCE_MS, new Failure("outside")); });
  await Promise.race([sdk.app.initialize(), late]);
  sdk.app.registerOnThemeChangeHandler(wear);
  const { app } = await sdk.app.getContext();
  wear(app.theme);
  locale = app.locale;
}

async function start() {
  const framed = window.parent !== window || "nativeInterface" in window;
  if (!framed) throw new Failure("outside");
  if (!sdk) throw new Failure("broken"); // Microsoft's script did not come
  await met();
  await go(window.location.href);
}

// What is shown then, be it a page or what went wrong, is for the user to read: Teams shows nothing over it.
start().catch(fail).finally(() => { if (sdk?.app.isInitialized()) sdk.app.notifySuccess(); });
