import { details } from "./details.js";
import { keys } from "./keys.js";
import { live } from "./live.js";
import { queue } from "./queue.js";
import { sla } from "./sla.js";

sla();
const chip = document.getElementById("line");
if (document.body.dataset.stream) live(document.body.dataset.stream, document.body.dataset.after, chip);
const list = document.getElementById("rows");
if (list) queue();
keys();
details();
