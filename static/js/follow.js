// A list (#list) and the page of one object (#head) follow the event that data-follows names.

import { followList } from "./list.js";
import { followObject } from "./object.js";

const { follows: changes, prefix } = document.getElementById("list")?.dataset ?? {};
const { follows: events } = document.getElementById("head")?.dataset ?? {};

if (changes) followList(changes, prefix);
if (events) followObject(events);
