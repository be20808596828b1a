// Configuration files and GUNICORN_CMD_ARGS, and who wins.

import { describe, expect, test } from "vitest";
import { importCase } from "../../src/import/case.js";
import { importGunicorn } from "../../src/import/gunicorn.js";
import { pythonStatements } from "../../src/import/gunicorn-conf.js";
import { filesOf, messageOf } from "./support.js";

const read = (script: string, conf?: string, file = "gunicorn.conf.py") =>
  importGunicorn({ file: "gunicorn.sh", text: script }, filesOf({ [file]: conf }));
const sectionOf = (...given: Parameters<typeof read>) => read(...given).scenario.gunicorn;
const notesOf = (...given: Parameters<typeof read>) =>
  read(...given).notes.map(({ where, kind, directive }) => `${where} ${kind}: ${directive}`);
const RUN = "gunicorn -b unix:/a.sock app:app";
const BIND = { bind: "unix:/a.sock" };

describe("a literal", () => {
  const literalOf = (text: string) =>
    pythonStatements({ file: "a.py", text: `name = ${text}` })[0]?.assigned?.value;
  test.each<[string, unknown]>([
    ["4", 4],
    ["0x10", 16],
    ["0b11", 3],
    ["1_000", 1000],
    ["-1.5e3", -1500],
    ["True", true],
    ["None", null],
    ["'it''s'", "its"],
    ['"a # b"  # a comment', "a # b"],
    [String.raw`"a\"b"`, 'a"b'],
    [String.raw`r"a\b"`, String.raw`a\b`],
    ['"""two\nlines"""', "two\nlines"],
    ['[\n  "a",  # the first\n  "b",\n]', ["a", "b"]],
    ["(1)", 1],
    ["(1,)", [1]],
    ["()", []],
    ["[[1], 2]", [[1], 2]],
  ])("%s is read", (text, value) => {
    expect(literalOf(text)).toEqual(value);
  });

  test.each([
    "2 * 3",
    "cores()",
    "other",
    "os.environ['X']",
    "{'a': 1}",
    "f'{x}'",
    "1 if a else 2",
    "[1, x]",
    "[1",
    "",
  ])("%s is none", (text) => {
    expect(literalOf(text)).toBeUndefined();
  });
});

describe("gunicorn.conf.py", () => {
  const CONF = `"""How we serve."""
import multiprocessing

bind = ["unix:/run/a.sock", "127.0.0.1:9000"]
workers = 3
worker_class = "gunicorn.workers.ggevent.GeventWorker"
worker_connections = 50
timeout = 60; keepalive = 5
keepalive = 5
max_requests = 1_000
preload_app = True
reuse_port = False
accesslog = "-"
proc_name = "app"
threads = multiprocessing.cpu_count()
def post_fork(server, worker):
    workers = 9
    server.log.info("hello")
answer = 42
`;

  test("beside the script gives the settings that it assigns literals to", () => {
    expect(sectionOf("gunicorn app:app", CONF)).toEqual({
      bind: ["unix:/run/a.sock", "127.0.0.1:9000"],
      workers: 3,
      worker_class: "gevent",
      worker_connections: 50,
      keepalive: "5s",
      max_requests: 1000,
      preload_app: true,
      reuse_port: false,
    });
  });

  test("what else stands there is told with its line", () => {
    expect(notesOf("gunicorn app:app", CONF)).toEqual([
      "gunicorn.conf.py:8 not-modelled: timeout = 60; keepalive = 5",
      'gunicorn.conf.py:13 no-effect: accesslog = "-"',
      'gunicorn.conf.py:14 no-effect: proc_name = "app"',
      "gunicorn.conf.py:15 not-modelled: threads = multiprocessing.cpu_count()",
      "gunicorn.conf.py:16 not-modelled: def post_fork(server, worker):",
      "gunicorn.conf.py:19 no-effect: answer = 42",
    ]);
  });

  test("a value that gunicorn would refuse is a mistake of that line", () => {
    expect(messageOf(() => read(RUN, '\nworkers = "four"'))).toBe(
      'gunicorn.conf.py:2 --workers: expected a whole number, got "four"',
    );
  });

  test("may have another name, which -c says", () => {
    expect(sectionOf(`${RUN} -c etc/conf.py`, "workers = 3", "etc/conf.py")).toEqual({ ...BIND, workers: 3 });
    expect(sectionOf(`${RUN} -c file:conf.py`, "workers = 3", "conf.py")).toEqual({ ...BIND, workers: 3 });
    expect(sectionOf(`${RUN} -c /etc/conf.py`, "workers = 3", "/etc/conf.py")).toEqual({
      ...BIND,
      workers: 3,
    });
    expect(notesOf(`${RUN} -c conf.py`, "workers = 3", "conf.py")).toEqual([]);
    // Then the file of the usual name does not count.
    expect(sectionOf(`${RUN} -c conf.py`, "workers = 3")).toEqual(BIND);
    expect(notesOf(`${RUN} -c conf.py`, "workers = 3")).toEqual(["gunicorn.sh:1 not-modelled: -c conf.py"]);
  });

  test("is looked for in the folder of the script, also by an import of a folder", () => {
    const source = { file: "deploy/gunicorn.sh", text: RUN };
    const files = filesOf({ "deploy/gunicorn.conf.py": "workers = 3" });
    expect(importGunicorn(source, files).scenario.gunicorn).toEqual({ ...BIND, workers: 3 });
    const names = { "gunicorn.sh": "deploy/gunicorn.sh" };
    expect(importCase({ "gunicorn.sh": RUN }, files, { names }).scenario.gunicorn).toEqual({
      ...BIND,
      workers: 3,
    });
  });
});

describe("GUNICORN_CMD_ARGS", () => {
  test("is read as flags are, with its quotes", () => {
    const script = `export GUNICORN_CMD_ARGS="--workers 2 -t 9 --name 'an app'"\n${RUN}`;
    expect(sectionOf(script)).toEqual({ ...BIND, workers: 2, timeout: "9s" });
    expect(sectionOf(`GUNICORN_CMD_ARGS='-b unix:/b.sock' gunicorn app:app`)).toEqual({
      bind: "unix:/b.sock",
    });
  });

  test("may name the file", () => {
    const script = `GUNICORN_CMD_ARGS='-c conf.py' ${RUN}`;
    expect(sectionOf(script, "workers = 3", "conf.py")).toEqual({ ...BIND, workers: 3 });
  });

  test("a mistake in it is one of the command's line", () => {
    expect(messageOf(() => read(`\nGUNICORN_CMD_ARGS='-w x' ${RUN}`))).toBe(
      'gunicorn.sh:2 --workers: expected a whole number, got "x"',
    );
  });
});

// Each of them says how many workers, in the order in which they win (gunicorn/app/base.py load_config).
test.each([
  ["WEB_CONCURRENCY=1", "", "", "", 1],
  ["WEB_CONCURRENCY=1", "workers = 2", "", "", 2],
  ["WEB_CONCURRENCY=1", "workers = 2", "GUNICORN_CMD_ARGS='-w 3'", "", 3],
  ["WEB_CONCURRENCY=1", "workers = 2", "GUNICORN_CMD_ARGS='-w 3'", "-w 4", 4],
])("of %s, %s, %s and %s the last one wins", (concurrency, conf, variable, flag, workers) => {
  const script = `${concurrency} ${variable} gunicorn ${flag} -b unix:/a.sock app:app`;
  expect(sectionOf(script, conf)).toEqual({ ...BIND, workers });
});

test("the addresses of who wins take the place of the others'", () => {
  const conf = 'bind = ["unix:/1", "unix:/2"]';
  expect(sectionOf("gunicorn app:app", conf)).toEqual({ bind: ["unix:/1", "unix:/2"] });
  expect(sectionOf(RUN, conf)).toEqual(BIND);
});
