// The decisions, newest first. Everything is set as text: what clients write is never markup.
const list = document.getElementById("decisions");
const empty = document.getElementById("empty");
const shown = new Set();

const STAGES = {
  request: "Request",
  extension_lookup: "Extension lookup",
  chat_room_check: "Chat-room check",
  client_profile_selection: "Client profile",
  secondary_number_allocation: "Secondary number",
  completion: "Completion",
};

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function candidate(one) {
  const item = element("li", one.verdict);
  item.append(element("span", "verdict", one.verdict), element("b", "", one.subject), element("span", "", one.reason));
  return item;
}

function step(one) {
  const item = element("li");
  item.append(element("h3", "", STAGES[one.stage] ?? one.stage), element("p", "", one.finding));
  if (one.candidates.length > 0) {
    const candidates = element("ul", "candidates");
    candidates.append(...one.candidates.map(candidate));
    item.append(candidates);
  }
  return item;
}

function decision(one) {
  const item = element("li", "decision");
  const head = element("div", "head");
  const text = element("q", "", one.text || "(no words)");
  text.dir = "auto";
  const outcome = element("span", `outcome ${one.outcome}`, one.outcome.replaceAll("_", " "));
  const time = element("time", "", new Date(one.at).toLocaleTimeString());
  time.dateTime = one.at;
  head.append(text, element("span", "to", `to ${one.number}`), outcome, time);
  const steps = element("ol", "steps");
  steps.append(...one.steps.map(step));
  item.append(head, steps);
  return item;
}

async function refresh() {
  try {
    const decisions = await (await fetch("/demo/decisions.json")).json();
    for (const one of decisions.toReversed()) {
      if (!shown.has(one.id)) {
        shown.add(one.id);
        list.prepend(decision(one));
      }
    }
    empty.hidden = shown.size > 0;
  } catch {
    // The demo stopped or is not up yet; the next round tells.
  }
  setTimeout(refresh, 1000);
}

refresh();
