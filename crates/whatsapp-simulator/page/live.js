// Live updates. The browser reconnects by itself; after each reconnection the state is loaded anew.

export function listen({ message, read, typing, client, reload, connected }) {
  const source = new EventSource("api/events");
  let before = false;
  source.addEventListener("hello", () => {
    connected(true);
    // What happened while there was no connection was not heard.
    if (before) reload();
    before = true;
  });
  const on = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));
  on("message", message);
  on("read", read);
  on("typing", typing);
  on("client", client);
  on("reload", reload);
  source.addEventListener("error", () => connected(false));
}
