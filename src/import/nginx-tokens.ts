// Splits nginx.conf into statements: words up to ";", "{" or "}".
//
// The rules are those of ngx_conf_read_token (nginx: src/core/ngx_conf_file.c), also where they surprise: a
// quote in the middle of a word is an ordinary character, "}" ends a statement only where a word could start,
// "${" opens no block, and after a closing quote a space, ";", "{" or ")" must follow.
// Not modelled: nginx counts the length of a word in bytes, here it is characters.

import { ImportError, type Place, unexpected } from "./note.js";

export interface Statement {
  words: string[];
  end: ";" | "{" | "}" | "end of file";
  /** Of the first word, or of the end when there is no word. */
  line: number;
}

/** NGX_CONF_BUFFER: a word must fit the read buffer. */
const LONGEST_WORD = 4096;

const SPACE = /[ \t\r\n]/;
const ESCAPE = /\\(["'\\trn])/g;
const CONTROL: Record<string, string> = { t: "\t", r: "\r", n: "\n" };

/** Answers a function that gives the next statement at each call, and `end of file` for ever at the end. */
export function statements(file: string, text: string): () => Statement {
  let position = 0;
  let line = 1;
  const here = (): Place => ({ file, line });

  /** The next character, consumed; empty at the end of the file. */
  function take(): string {
    const character = text[position] ?? "";
    position++;
    if (character === "\n") line++;
    return character;
  }

  function skipBlank(): void {
    while (position < text.length) {
      const character = text[position] as string;
      if (character === "#") skipComment();
      else if (SPACE.test(character)) take();
      else return;
    }
  }

  function skipComment(): void {
    const end = text.indexOf("\n", position);
    position = end < 0 ? text.length : end;
  }

  function quotedWord(): string {
    const opened = here();
    const quote = take();
    const start = position;
    for (;;) {
      checkLength(start, opened, quote);
      const character = take();
      if (character === "")
        throw endOfFile(`the closing ${quote} of the text that opens in line ${opened.line}`);
      if (character === "\\") take();
      else if (character === quote) break;
    }
    const word = unescaped(text.slice(start, position - 1));
    // A closing parenthesis may follow, because of `if ($a = "b")`.
    const next = text[position] ?? "";
    if (next === "" || SPACE.test(next) || ";{)".includes(next)) return word;
    throw unexpected(here(), "", `a space, ";" or "{" after the closing ${quote}`, JSON.stringify(next));
  }

  function plainWord(): string {
    const opened = here();
    const start = position;
    let afterDollar = false;
    for (;;) {
      checkLength(start, opened, "");
      const next = text[position] ?? "";
      if (next === "" || SPACE.test(next) || next === ";" || (next === "{" && !afterDollar)) break;
      take();
      if (next === "\\") take();
      afterDollar = next === "$" || (next === "{" && afterDollar);
    }
    return unescaped(text.slice(start, position));
  }

  function checkLength(start: number, opened: Place, quote: string): void {
    if (position - start < LONGEST_WORD) return;
    const missing = quote === "" ? "" : `; is the closing ${quote} missing?`;
    throw new ImportError(opened, "", `expected a word of less than ${LONGEST_WORD} characters${missing}`);
  }

  function endOfFile(expected: string): ImportError {
    return unexpected({ file, line }, "", expected, "the end of the file");
  }

  return function next(): Statement {
    const words: string[] = [];
    let started = 0;
    for (;;) {
      skipBlank();
      const character = text[position] ?? "";
      if (words.length === 0) started = line;
      if (character === "") {
        if (words.length > 0) throw endOfFile(`";" or "{" after "${words.join(" ")}"`);
        return { words, end: "end of file", line };
      }
      if (character === ";" || character === "{") {
        if (words.length === 0) throw unexpected(here(), "", "a directive", `"${character}"`);
        take();
        return { words, end: character, line: started };
      }
      if (character === "}") {
        if (words.length > 0) throw unexpected(here(), "", `";" or "{" after "${words.join(" ")}"`, '"}"');
        take();
        return { words, end: "}", line: started };
      }
      words.push(character === '"' || character === "'" ? quotedWord() : plainWord());
    }
  };
}

function unescaped(raw: string): string {
  return raw.replace(ESCAPE, (_, character: string) => CONTROL[character] ?? character);
}
