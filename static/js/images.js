// The list of images and the pages of one.

import { followList } from "./list.js";
import { followObject } from "./object.js";

followList("images-changed", "i-");
followObject("images-changed");
