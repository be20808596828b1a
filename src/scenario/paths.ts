// File names as text with "/" between folders, so that the same code runs in a browser.

/** `name` as seen from the folder of `from`; absolute names stay. `a/b.yaml` and `../c.csv` give `c.csv`. */
export function relativeTo(from: string, name: string): string {
  if (name.startsWith("/")) return name;
  const folder = from.slice(0, from.lastIndexOf("/") + 1);
  const parts: string[] = [];
  for (const part of `${folder}${name}`.split("/")) {
    if (part === "." || (part === "" && parts.length > 0)) continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== ".." && parts.at(-1) !== "") parts.pop();
    else parts.push(part);
  }
  return parts.join("/") || ".";
}
