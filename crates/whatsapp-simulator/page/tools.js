// The test bench: faults, connection, clock.

import { api } from "./api.js";
import { byId, el, toast } from "./dom.js";
import { self, store } from "./store.js";

const FIELDS = [
  ["duplicate_webhooks", "Webhooks delivered twice", "%"],
  ["reorder_webhooks", "Webhooks out of order", "%"],
  ["drop_webhooks", "Webhooks lost at first", "%"],
  ["delay_webhooks_ms", "Webhooks late by up to", "ms"],
  ["graph_5xx", "Sends answered 503", "%"],
  ["graph_timeout_after_acceptance", "Sends never answered", "%"],
];

let faults = {};

export function setUpTools() {
  byId("fault-fields").append(
    ...FIELDS.map(([name, label, unit]) =>
      el("label", { class: "setting" },
        el("span", {}, label),
        el("input", { type: "number", min: 0, max: unit === "%" ? 100 : 60000, step: unit === "%" ? 5 : 100, name, inputmode: "numeric" }),
        el("span", { class: "unit" }, unit))),
  );
  byId("tools-form").addEventListener("submit", (event) => event.preventDefault());
  byId("fault-fields").addEventListener("change", () => attempt(async () => {
    for (const [name, , unit] of FIELDS) {
      const value = Math.max(0, Number(byId("tools-form").elements[name].value) || 0);
      faults[name] = unit === "%" ? Math.min(value, 100) / 100 : Math.min(Math.round(value), 60000);
    }
    show(await api.setFaults(faults));
  }));
  byId("calm").addEventListener("click", () => attempt(async () => show(await api.setFaults({}))));
  byId("clock").addEventListener("click", () => attempt(async () => {
    await api.advanceClock(25 * 3600);
    toast("It is 25 hours later. Reply windows are closed.");
  }));
  byId("online").addEventListener("change", (event) => attempt(() => api.setOnline(store.client, event.target.checked)));
}

export async function openTools() {
  byId("online").checked = self()?.online ?? false;
  byId("tools-sheet").showModal();
  await attempt(async () => {
    show(await api.faults());
    const { deliveries, deliveries_total, graph_calls_total } = await api.ledger();
    const waiting = deliveries.filter((one) => one.state === "pending").length;
    byId("ledger").textContent =
      `${deliveries_total} webhooks delivered or on their way, ${waiting} waiting; ${graph_calls_total} API requests received.`;
  });
}

function show(current) {
  faults = current;
  for (const [name, , unit] of FIELDS) {
    const value = current[name] ?? 0;
    byId("tools-form").elements[name].value = String(unit === "%" ? Math.round(value * 100) : value);
  }
}

async function attempt(act) {
  try {
    await act();
  } catch (problem) {
    toast(problem.message);
  }
}
