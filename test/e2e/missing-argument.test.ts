// What a command says that lacks an argument.

import { expect, test } from "vitest";
import { recvq } from "./recvq.js";

test.each([
  ["compare", "<a>: expected a scenario file, with a second one, --set or --rate beside it, got none"],
  [
    "sweep",
    "<scenario>: expected a scenario file, or the name of a scenario that comes with recvq, got none",
  ],
  ["merge", "<parts..>: expected files that recvq sweep --shard has written, got none"],
  ["verify", "<cases..>: expected folders of measured cases, got none"],
])("recvq %s names it, and what is expected", async (command, text) => {
  const { code, stdout, stderr } = await recvq([command, "--quiet"]);
  expect([code, stdout, stderr]).toEqual([2, "", `recvq: ${text}\nSee recvq ${command} --help.\n`]);
});
