// A list (#list) and the page of one object (#head) follow the event that data-follows names.

import { Changed, followList } from "./list.js";

const { follows: changes, prefix } = document.getElementById("list")?.dataset ?? {};
const { follows: events } = document.getElementById("head")?.dataset ?? {};

if (changes) followList(changes, prefix);
if (events) followObject(import("./object.js"));

/* News that come before its file wait for it. */
function followObject(file) {
  new Changed(events, async (ids) => (await file).refresh(ids)).listen();
}
