// The codes that can be scanned.

import { byId, el } from "./dom.js";
import { store } from "./store.js";
import { parseWaLink } from "./text.js";

export function openScan(scanned) {
  const codes = byId("codes");
  codes.replaceChildren(
    ...store.scannables.map((one) =>
      el("li", {},
        el("button", {
          type: "button",
          class: "code",
          data: { testid: `scannable-${one.index}` },
          on: {
            click: () => {
              byId("scan-sheet").close();
              scanned(parseWaLink(one.link));
            },
          },
        },
          el("img", { src: `api/scannables/${one.index}.svg`, alt: "", width: 132, height: 132 }),
          el("strong", { dir: "auto" }, one.title),
          one.subtitle && el("span", { dir: "auto" }, one.subtitle)))),
  );
  if (store.scannables.length === 0) codes.append(el("li", { class: "empty" }, "There is no code to scan."));
  byId("scan-sheet").showModal();
}
