// Classes of workers on gunicorn's command line.

import { describe, expect, test } from "vitest";
import { importGunicorn } from "../../src/import/gunicorn.js";

const imported = (flags: string) =>
  importGunicorn({ file: "gunicorn.sh", text: `gunicorn -b unix:/a.sock ${flags} app:app` });

describe("a class of workers", () => {
  test.each([
    ["sync", "sync"],
    ["gthread", "gthread"],
    ["egg:gunicorn#gthread", "gthread"],
    ["gunicorn.workers.gthread.ThreadWorker", "gthread"],
    ["gevent", "gevent"],
    ["gevent_pywsgi", "gevent"],
    ["eventlet", "eventlet"],
    ["tornado", "tornado"],
    ["asgi", "asgi"],
    ["uvicorn.workers.UvicornWorker", "uvicorn"],
    ["uvicorn_worker.UvicornWorker", "uvicorn"],
  ])("-k %s is %s", (word, name) => {
    expect(imported(`-k ${word}`).scenario.gunicorn).toMatchObject({ worker_class: name });
  });

  test("of asgi cancels what a caller has left", () => {
    const { scenario, notes } = imported("-k asgi --asgi-disconnect-grace-period 10");
    expect(scenario.gunicorn).toMatchObject({ asgi_disconnect_grace_period: "10s" });
    expect(notes).toEqual([]);
  });

  test("that nobody knows is noted", () => {
    expect(imported("-k my.Worker").notes).toMatchObject([{ directive: "-k my.Worker" }]);
  });

  test("has threads, connections and a keepalive", () => {
    const { scenario, notes } = imported("--threads 4 --worker-connections=20 --keep-alive 5");
    expect(scenario.gunicorn).toMatchObject({ threads: 4, worker_connections: 20, keepalive: "5s" });
    expect(notes).toEqual([]);
  });
});
