import { expect, test } from "vitest";
import { ask, type Question } from "../../src/node/questions.js";

const QUESTIONS: Question[] = [
  { key: "socket", text: "socket", usual: "unix", words: ["unix", "tcp"] },
  {
    key: "workers",
    text: "workers",
    usual: "4",
    wrong: (one) => (one === "0" ? "expected more, got 0" : undefined),
  },
];

test("Enter means the usual answer, and a wrong one is asked for again with what is wrong", async () => {
  const typed = ["pipe", "tcp", "0", ""];
  const shown: string[] = [];
  const answers = await ask(QUESTIONS, {
    read(prompt) {
      shown.push(prompt);
      return Promise.resolve(typed.shift() as string);
    },
    tell: (text) => shown.push(text),
  });
  expect(answers).toEqual({ socket: "tcp", workers: "4" });
  expect(shown).toEqual([
    "socket (unix, tcp) [unix]: ",
    "  expected one of unix, tcp",
    "socket (unix, tcp) [unix]: ",
    "workers [4]: ",
    "  expected more, got 0",
    "workers [4]: ",
  ]);
});
