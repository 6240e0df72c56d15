// The control API.

async function call(method, path, body) {
  const init = { method, headers: {} };
  if (body !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  const answer = await fetch(`api/${path}`, init);
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.error ?? `The simulator answered ${answer.status}.`);
  }
  return answer.status === 204 ? null : answer.json();
}

const part = encodeURIComponent;

export const api = {
  state: () => call("GET", "state"),
  threads: (client) => call("GET", `clients/${part(client)}/threads`),
  send: (client, message) => call("POST", `clients/${part(client)}/messages`, message),
  read: (client, account) => call("POST", `clients/${part(client)}/threads/${part(account)}/read`),
  setOnline: (client, online) => call("PUT", `clients/${part(client)}/online`, { online }),
  faults: () => call("GET", "faults"),
  setFaults: (faults) => call("PUT", "faults", faults),
  advanceClock: (seconds) => call("POST", "clock/advance", { seconds }),
  ledger: () => call("GET", "ledger"),
};
