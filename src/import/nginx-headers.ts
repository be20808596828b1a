// From proxy_set_header to the one header that decides something: Connection.
//
// Modelled: a block that sets any header inherits none from outer ones (src/http/ngx_http_proxy_module.c
// ngx_http_proxy_init_headers). Not modelled: values with variables.

import { type Directive, directiveText } from "./nginx-conf.js";
import { type Note, note } from "./note.js";

export interface ReadHeaders {
  settings: { proxy_set_header?: { Connection: string } };
  /** The directives that were read, with a note for each that is not in the settings. */
  notes: Map<Directive, Note | undefined>;
}

const NAME = "proxy_set_header";

/** `levels` are the blocks from http down to the location. */
export function readHeaders(levels: readonly Directive[]): ReadHeaders {
  const read: ReadHeaders = { settings: {}, notes: new Map() };
  const blocks = levels.map(({ block = [] }) => block.filter(({ name }) => name === NAME));
  const innermost = blocks.findLast((block) => block.length > 0) ?? [];
  for (const directive of blocks.flat()) {
    const [header = "", value = ""] = directive.args;
    if (header.toLowerCase() !== "connection") continue;
    const isUsed = innermost.includes(directive);
    if (isUsed && !value.includes("$")) {
      read.settings.proxy_set_header = { Connection: value };
      read.notes.set(directive, undefined);
    } else {
      const text = isUsed ? "a value with variables is not known" : "an inner block sets headers of its own";
      read.notes.set(
        directive,
        note(directive, directiveText(directive), isUsed ? "not-modelled" : "no-effect", text),
      );
    }
  }
  return read;
}
