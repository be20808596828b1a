// The program that `recvq` starts: sets V8 up, and loads the command line from what an earlier start has
// compiled.

import { subscribe } from "node:diagnostics_channel";
import { join } from "node:path";
import { tuneV8 } from "../node/tuning.js";
import { cachedModules } from "./code-cache.js";

/** Names everything that is bundled (scripts/bundle.mjs). */
declare const BUILD: string;

// Flags come before the first script: V8 takes nothing that was compiled with others. Which commands gain
// from them is in tuning.ts.
const TUNED = ["run", "sweep", "worker"];

const words = process.argv.slice(2);
const [name = ""] = words;
if (TUNED.includes(name)) tuneV8();
const command = /^[a-z]+$/.test(name) ? name : "other";
const folder = join(__dirname, "../code-cache", BUILD, `${process.arch}-${process.versions.v8}-${command}`);
const modules = cachedModules(folder);
// What a start has compiled by then: to load, read and validate, and nothing of the models. Of functions that
// came from what was kept V8 makes slower code: 1.08 times the processor time of 20 million requests.
// The variable is Node's own, for its own cache of this kind.
if (!process.env.NODE_DISABLE_COMPILE_CACHE) subscribe("recvq.loaded", modules.keep);
modules.load(join(__dirname, "main.js"));
