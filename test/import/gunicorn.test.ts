import { describe, expect, test } from "vitest";
import { importGunicorn } from "../../src/import/gunicorn.js";
import { messageOf } from "./support.js";

const importText = (text: string) => importGunicorn({ file: "gunicorn.sh", text });
const sectionOf = (text: string) => importText(text).scenario.gunicorn;
const notesOf = (text: string) =>
  importText(text).notes.map(({ where, directive, kind }) => `${where} ${kind}: ${directive}`);

const BIND = "-b unix:/a.sock";

describe("the scenario", () => {
  test("has the flags that are modelled", () => {
    const { scenario, notes, tcp } = importText(
      `gunicorn -t 60 -w 4 -k sync --backlog 2048 --graceful-timeout 20 --max-requests 1000 \\
        --max-requests-jitter=50 --preload -b unix:/run/g.sock app:app`,
    );
    expect(scenario).toEqual({
      gunicorn: {
        bind: "unix:/run/g.sock",
        workers: 4,
        worker_class: "sync",
        backlog: 2048,
        timeout: "60s",
        graceful_timeout: "20s",
        max_requests: 1000,
        max_requests_jitter: 50,
        preload_app: true,
      },
    });
    expect(notes).toEqual([]);
    expect(tcp).toBe(false);
  });

  test.each([
    ["a value after =", "--workers=4"],
    ["a value attached to a letter", "-w4"],
    ["a letter with =", "-w=4"],
    ["a unique beginning of a name", "--workers 9 --workers=4"],
    ["WEB_CONCURRENCY", "", "WEB_CONCURRENCY=4"],
    ["the flag before WEB_CONCURRENCY", "-w 4", "WEB_CONCURRENCY=9"],
    ["env", "", "env WEB_CONCURRENCY=4"],
    ["an exported variable", "", "export WEB_CONCURRENCY=4\n"],
    ["a variable that was assigned", "-w $W", "W=4\n"],
    ["a variable in braces within quotes", `-w "\${W}"`, "W=4; export W\n"],
    ["python -m", "-w 4", "exec /venv/bin/python3 -m"],
    ["lines that end as on Windows", "-w \\\r\n 4", "# -w 5\r\n"],
    ["a path, continued lines and comments", "-w \\\n 4 # not 5", "# -w 5\n nohup /usr/bin/"],
  ])("reads workers from %s", (_, flags, before = "") => {
    const start = before.endsWith("/") ? before : `${before} `;
    expect(sectionOf(`${start}gunicorn ${BIND} ${flags}`)).toEqual({ bind: "unix:/a.sock", workers: 4 });
  });

  test("takes names that begin like one flag only", () => {
    expect(sectionOf(`gunicorn ${BIND} --backl 7`)).toMatchObject({ backlog: 7 });
  });

  test.each([
    ["-b 127.0.0.1:8000", "127.0.0.1:8000"],
    ["-b :8000", "*:8000"],
    ["-b 0.0.0.0:8000", "*:8000"],
    ["-b [::1]:8000", "[::1]:8000"],
    ["-b localhost", "localhost:8000"],
    ["-b 0.0.0.0", "*:8000"],
    ["-b tcp://10.0.0.1:80", "10.0.0.1:80"],
    ["-b unix:/a -b 127.0.0.2:80", ["unix:/a", "127.0.0.2:80"]],
    ["", "127.0.0.1:8000"],
  ])("listens with %j on %j", (flags, bind) => {
    expect(importText(`gunicorn ${flags} app`)).toMatchObject({
      scenario: { gunicorn: { bind } },
      tcp: true,
    });
  });

  test("listens on PORT without --bind", () => {
    expect(sectionOf("PORT=5000 gunicorn app")).toEqual({ bind: "*:5000" });
  });

  test("knows --reuse-port", () => {
    expect(sectionOf(`gunicorn --reuse-port ${BIND}`)).toEqual({ bind: "unix:/a.sock", reuse_port: true });
  });

  test("unix:// is written as unix:", () => {
    expect(sectionOf("gunicorn --bind unix:///a.sock")).toEqual({ bind: "unix:/a.sock" });
  });

  test("several command lines are several gunicorns, named after their sockets", () => {
    const text = `gunicorn -w 1 -b unix:/run/a.sock app &
gunicorn -w 2 -b unix:/run/b.sock app & gunicorn -n a -b unix:/run/c.sock app
wait`;
    expect(sectionOf(text)).toEqual([
      { name: "a", bind: "unix:/run/a.sock", workers: 1 },
      { name: "b", bind: "unix:/run/b.sock", workers: 2 },
      { name: "a-3", bind: "unix:/run/c.sock" },
    ]);
  });
});

describe("notes", () => {
  test.each([
    ["a class of one's own is not modelled", "-k my.Worker", ["not-modelled: -k my.Worker"]],
    ["letters without a value may be written together", "-DR", ["no-effect: -D", "no-effect: -R"]],
    [
      "a log to standard output is a value that is a hyphen",
      "--access-logfile -",
      ["no-effect: --access-logfile -"],
    ],
    ["a configuration file is not read", "-c conf.py", ["not-modelled: -c conf.py"]],
    ["an argument whose value is unknown could be anything", "$FLAGS", ["not-modelled: $FLAGS"]],
    ["operators of the shell are told", "> log 2>&1 &", ["no-effect: > log", "no-effect: 2>& 1"]],
    ["an application with arguments is no flag", "'app:make(\"a -w 3\")'", []],
  ])("%s", (_, flags, notes) => {
    const text = `gunicorn ${BIND} ${flags}`;
    expect(notesOf(text)).toEqual(expect.arrayContaining(notes.map((line) => `gunicorn.sh:1 ${line}`)));
    expect(notesOf(text)).toHaveLength(notes.length);
    expect(sectionOf(text)).toEqual({ bind: "unix:/a.sock" });
  });

  test("other commands are told with their lines", () => {
    const text = `#!/bin/sh\nset -e\ncd /srv && pip install gunicorn\n\ngunicorn ${BIND} | tee log`;
    expect(notesOf(text)).toEqual([
      "gunicorn.sh:2 no-effect: set -e",
      "gunicorn.sh:3 no-effect: cd /srv",
      "gunicorn.sh:3 no-effect: &&",
      "gunicorn.sh:3 not-modelled: pip install gunicorn",
      "gunicorn.sh:5 no-effect: |",
      "gunicorn.sh:5 not-modelled: tee log",
    ]);
  });
});

test("with a configuration file and no --bind the address is called what it is, a guess", () => {
  const directives = (flags: string) => notesOf(`gunicorn -c conf.py ${flags}`);
  expect(directives("-b unix:/a")).toEqual(["gunicorn.sh:1 not-modelled: -c conf.py"]);
  expect(directives("")).toContain("gunicorn.sh:1 not-modelled: bind 127.0.0.1:8000");
});

describe("mistakes", () => {
  test.each([
    ["echo hello", "gunicorn.sh:1: expected a gunicorn command line, got none"],
    ["\ngunicorn -w four", 'gunicorn.sh:2 --workers: expected a whole number, got "four"'],
    ["gunicorn -t 30s", 'gunicorn.sh:1 --timeout: expected a whole number of seconds, got "30s"'],
    [
      "gunicorn -b fd://3",
      'gunicorn.sh:1 --bind: expected an address such as "127.0.0.1:8000" or "unix:/run/app.sock", got "fd://3"',
    ],
    ["gunicorn -w", "gunicorn.sh:1 --workers: expected a value, got the end of the command"],
    ["gunicorn -w --preload", 'gunicorn.sh:1 --workers: expected a value, got "--preload"'],
    ["gunicorn --preload=1", 'gunicorn.sh:1 --preload: expected no value, got "1"'],
    ["gunicorn --wrokers 4", 'gunicorn.sh:1 gunicorn: expected a flag of gunicorn, got "--wrokers"'],
    [
      "gunicorn --worker 4",
      'gunicorn.sh:1 gunicorn: expected one of --workers, --worker-class, --worker-connections, --worker-tmp-dir, got "--worker"',
    ],
    [
      "gunicorn -w $W",
      'gunicorn.sh:1 --workers: expected a value that can be read here, got "$W", which is not assigned in the file',
    ],
    [
      "gunicorn -w $(nproc)",
      'gunicorn.sh:1 gunicorn: the shell\'s "(" is not evaluated; write out what it gives',
    ],
    ["\ngunicorn -w $" + "{", "gunicorn.sh:2: Bad substitution: "],
    ["\n\ngunicorn 'app:app\n", "gunicorn.sh:3: expected a closing ', got the end of the file"],
  ])("%j", (text, message) => {
    expect(messageOf(() => importText(text))).toBe(message);
  });
});
