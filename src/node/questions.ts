// A few questions on the terminal, each with what Enter alone means.

import { createInterface } from "node:readline/promises";

export interface Question {
  key: string;
  /** `Requests a second`. */
  text: string;
  usual: string;
  /** The words that may be answered; anything without it. */
  words?: readonly string[] | undefined;
  /** What is wrong with an answer; undefined if nothing is. */
  wrong?(answer: string): string | undefined;
}

/** Whether there is somebody to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** The answers by key, asked on standard error, so that standard output may be a file. */
export async function askOnTerminal(questions: readonly Question[]): Promise<Record<string, string>> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C ends the program as without a question; readline would only end the question.
  terminal.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    return await ask(questions, {
      read: (prompt) => terminal.question(prompt),
      tell: (text) => process.stderr.write(`${text}\n`),
    });
  } finally {
    terminal.close();
  }
}

/** Asks one after the other, each until its answer will do. */
export async function ask(
  questions: readonly Question[],
  { read, tell }: { read(prompt: string): Promise<string>; tell(text: string): void },
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const { key, text, usual, words, wrong } of questions) {
    const choice = words ? ` (${words.join(", ")})` : "";
    for (;;) {
      const answer = (await read(`${text}${choice} [${usual}]: `)).trim() || usual;
      const complaint =
        words && !words.includes(answer) ? `expected one of ${words.join(", ")}` : wrong?.(answer);
      answers[key] = answer;
      if (complaint === undefined) break;
      tell(`  ${complaint}`);
    }
  }
  return answers;
}
