// What the notebooks are made of besides charts: sliders, tables, and lines that say how far a run is.

import type { Runs } from "./runs.js";

type Content = Node | string;

/** An element with attributes (undefined ones are left out) and what is in it. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number | undefined>,
  ...contents: Content[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(key, String(value));
  }
  made.append(...contents);
  return made;
}

export interface SliderOptions {
  /** Also its name in tests, in lower case. */
  label: string;
  min: number;
  max: number;
  step: number;
  value: number;
  /** How the number is printed: by itself unless told. */
  print?: (value: number) => string;
}

export interface Slider extends HTMLLabelElement {
  value: number;
}

/** A labelled range input for `view(...)`: it has a value and tells of it with `input` events. */
export function slider({ label, min, max, step, value, print = String }: SliderOptions): Slider {
  const name = label.toLowerCase().replaceAll(" ", "-");
  const input = element("input", { type: "range", name, min, max, step, value });
  const output = element("output", {});
  const show = () => {
    output.textContent = print(input.valueAsNumber);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", show);
  show();
  const made = element("label", { class: "slider" }, element("span", {}, label), input, output);
  return Object.defineProperty(made, "value", {
    get: () => input.valueAsNumber,
    set(next: number) {
      input.valueAsNumber = next;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    },
  }) as unknown as Slider;
}

/** `running 12 of 50` with a bar, and what it came to when all are done. */
export function progress({ wanted, done }: Runs<unknown>, finished: string): HTMLElement {
  const isDone = done.length === wanted;
  const text = isDone ? finished : `running ${done.length + 1} of ${wanted}`;
  const state = isDone ? "done" : "running";
  const bar = element("progress", { max: wanted, value: done.length, "aria-hidden": "true" });
  return element("p", { class: "run", role: "status", "data-state": state }, bar, text);
}

export interface Cell {
  text: string;
  /** Its name in tests, and the number that it stands for, unrounded. */
  name?: string;
  value?: number;
  /** Drawn as something to look at. */
  isOdd?: boolean;
}

/** The first row is the head, the first column names the rows. */
export function table(caption: string, head: string[], rows: (string | Cell)[][]): HTMLTableElement {
  const cells = (row: (string | Cell)[]) =>
    row.map((cell, column) => {
      const { text, name, value, isOdd } = typeof cell === "string" ? { text: cell } : (cell as Cell);
      const attributes = { "data-name": name, "data-value": value, class: isOdd ? "odd" : undefined };
      return column === 0
        ? element("th", { ...attributes, scope: "row" }, text)
        : element("td", attributes, text);
    });
  return element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells(row)))),
  );
}

/** Something long that is there for who wants it. */
export function folded(summary: string, ...contents: Content[]): HTMLDetailsElement {
  return element("details", {}, element("summary", {}, summary), ...contents);
}

/** A paragraph in which `**` encloses what is bold, a backtick what is code; `name` is its name in tests. */
export function sentence(text: string, name?: string): HTMLParagraphElement {
  const parts = text.split(/(\*\*.*?\*\*|`.*?`)/).map((part) => {
    if (part.startsWith("**")) return element("b", {}, part.slice(2, -2));
    return part.startsWith("`") ? element("code", {}, part.slice(1, -1)) : part;
  });
  return element("p", { "data-name": name }, ...parts);
}
