// The bundles of the command line: what makes them start fast, and run fast once they have started.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { build, transform } from "esbuild";
import { asCommonJs } from "./common-js.mjs";
import { withNumbers } from "./constants.mjs";
import { readySchema } from "./ready-schema.mjs";

// What `recvq` starts, which loads all else; it alone is not loaded from what V8 has kept.
const START = { recvq: "src/cli/start.ts" };
const COMMANDS = { main: "src/cli/main.ts" };
// Apart, since what they share with commands would be chunks of their own, and each file that Node loads
// takes time: 0.9 times the processor time of a start (2 cores, both busy, Node 20.20, 2026-12).
const THREADS = { thread: "src/cli/thread.ts", "sweep-thread": "src/cli/sweep-thread.ts" };
// What is evaluated once more for a scenario: one file.
const COPY = { copy: "src/cli/copy.ts" };

// A comment with its path begins each module of a bundle.
const OWN_MODULE = /^\/\/ (src|models)\//m;

/** The files that go into `directory`, text by path, and what they were made of. */
export async function bundled(root, directory) {
  const built = await Promise.all([
    bundle(root, directory, COMMANDS, "chunks"),
    bundle(root, directory, THREADS, "thread-chunks"),
    bundle(root, directory, COPY),
  ]);
  const outputs = built.flatMap(({ outputFiles }) => outputFiles);
  const files = outputs.map(({ path, text }) => [path, withConstants(inAscii(text))]);
  const own = files.filter(([, text]) => OWN_MODULE.test(text));
  const resolve = (path, from) => join(dirname(path), from);
  const numbered = new Map([...files, ...withNumbers(new Map(own), resolve)]);
  // Whoever loads these hands in what a module sees; Node does it for the others.
  const functions = new Set(
    [built[0], built[2]].flatMap(({ outputFiles }) => outputFiles.map(({ path }) => path)),
  );
  const modules = new Map(
    await Promise.all(
      [...numbered].map(async ([path, text]) => {
        const short = await shortened(asCommonJs(text));
        return [path, functions.has(path) ? asFunction(short) : short];
      }),
    ),
  );
  // What is beside them says that the package's own "module" is not meant.
  modules.set(join(directory, "package.json"), '{ "type": "commonjs" }\n');
  const start = await startOf(root, directory, modules);
  return {
    files: new Map([...modules, ...start.outputFiles.map(({ path, text }) => [path, inAscii(text)])]),
    inputs: [...built, start].flatMap(({ metafile }) => Object.keys(metafile.inputs)),
  };
}

const COMMON = {
  write: false,
  metafile: true,
  bundle: true,
  platform: "node",
  target: "node20",
  legalComments: "none",
  logLevel: "warning",
};

/**
 * The text without comments and indentation: a quarter of what is read at each start. Names stay, for reports
 * of bugs, and so do declarations: see withConstants.
 */
export async function shortened(text) {
  const { code } = await transform(text, {
    ...{ minifyWhitespace: true, legalComments: "none", lineLimit: 110 },
    // A variable of a module that is written later: a field of a constant does as well.
    logOverride: { "assign-to-constant": "error" },
    logLevel: "error",
  });
  return code;
}

/**
 * What src/cli/code-cache.ts loads, a function of what a module sees. It stands in the file, since V8 copies
 * a text that is put together when a program starts. With what is left out, 0.93 times what a start adds to
 * the processor time of an empty node.
 */
function asFunction(module) {
  return `(function (exports, require, __filename, __dirname) {${module}})\n`;
}

/** The program that loads the others, and knows by their hash whether what V8 has kept is of them. */
function startOf(root, directory, modules) {
  const hash = createHash("sha256");
  for (const [path, text] of [...modules].sort()) hash.update(`${relative(directory, path)}\0${text}\0`);
  const BUILD = JSON.stringify(hash.digest("hex").slice(0, 16));
  const own = {
    absWorkingDir: root,
    entryPoints: START,
    outdir: directory,
    format: "cjs",
    define: { BUILD },
  };
  return build({ ...COMMON, ...own });
}

/**
 * Commands are imported lazily, so each becomes a chunk that is read only when it is run. Without a folder
 * for chunks there are none.
 */
function bundle(root, directory, entryPoints, folder) {
  return build({
    ...COMMON,
    absWorkingDir: root,
    entryPoints,
    // Its modules for browsers, which do the same: of the CommonJS ones, which Node gets, a bundle cannot
    // leave out what it does not use, and wraps each in a function.
    alias: { yaml: join(root, "node_modules/yaml/browser/dist/index.js") },
    // It finds the program of its threads beside itself; and the others are there for those who need them.
    external: ["tinypool", "bullmq", "ioredis"],
    outdir: directory,
    splitting: folder !== undefined,
    format: "esm",
    ...(folder && { chunkNames: `${folder}/[name]-[hash]` }),
    // See withRun.
    logOverride: { "ignored-bare-import": "silent" },
    plugins: [plainWidth(), readySchema(root), withRun()],
  });
}

/**
 * Whatever `run` loads in one chunk, by importing it into the other commands. Else esbuild makes one of what
 * each set of commands has in common, which made 25 for `run`. Two commands that load much less stay as they
 * are: their start would take 1.3 times the processor time.
 */
function withRun() {
  const isLight = (path) => /[\\/](import|merge)\.ts$/.test(path);
  return {
    name: "with-run",
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]src[\\/]cli[\\/][\w-]+\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        if (isLight(path) || !/^export (async )?function command\b/m.test(text)) return undefined;
        return { contents: `${text}\nimport "./run.js";\n`, loader: "ts" };
      });
    },
  };
}

/**
 * The bundle with recvq's own module constants as constants again: esbuild makes them `var`, which V8 has to
 * load and to check at each use (measured, with the constants of functions, which minifying makes `let`: 0.94
 * times the processor time of the benchmark). A comment with its path begins each module.
 */
function withConstants(bundle) {
  let isOwn = false;
  const lines = bundle.split("\n").map((line) => {
    const module = /^\/\/ (\S+\.[cm]?[jt]s)$/.exec(line);
    if (module) isOwn = /^(src|models)\//.test(module[1]);
    return isOwn ? line.replace(/^var (?=\w+ = )/, "const ") : line;
  });
  return lines.join("\n");
}

/**
 * The bundle with everything but ASCII escaped, which esbuild does in texts, but neither in comments nor in
 * regular expressions. V8 keeps a file with a single other character in twice the memory, and takes longer
 * for it: 0.97 times the processor time of a start.
 */
function inAscii(bundle) {
  return bundle.replace(/[^\0-\x7f]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/**
 * Stands in for string-width, with which yargs and cli-progress measure text: its Intl.Segmenter alone takes
 * 15 ms to start, and their texts here have no character wider than one column.
 */
function plainWidth() {
  const contents = `const { stripVTControlCharacters } = require("node:util");
module.exports = (text) => [...stripVTControlCharacters(text)].length;`;
  return {
    name: "plain-width",
    setup(build) {
      build.onResolve({ filter: /^string-width$/ }, ({ path }) => ({ path, namespace: "plain-width" }));
      build.onLoad({ filter: /^/, namespace: "plain-width" }, () => ({ contents }));
    },
  };
}
