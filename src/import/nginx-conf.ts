// Reads nginx.conf and the files it includes into a tree of directives, as ngx_conf_parse does (nginx:
// src/core/ngx_conf_file.c). What the directives mean is not known here.
//
// Not read: blocks of raw Lua (`content_by_lua_block`), whose braces follow the rules of Lua.

import { statements } from "./nginx-tokens.js";
import { ImportError, type Place, type Source, unexpected } from "./note.js";

/** One directive. Those of included files stand in place of the `include`. */
export interface Directive extends Place {
  name: string;
  args: string[];
  /** What stands in its braces, if it has any. */
  block?: Directive[];
}

/** Access to the files that a configuration includes. */
export interface Files {
  /** The text of a file, or undefined if it cannot be read. */
  read(path: string): string | undefined;
  /** The paths that match a pattern with `*`, `?` and `[]`, in any order. */
  glob(pattern: string): string[];
}

/** Distributions' files of names and headers. They may be missing, since nobody copies them along. */
const KNOWN_INCLUDE = /(^|\/)(mime\.types|(fastcgi|uwsgi|scgi|proxy)_params|fastcgi\.conf)$/;

const DEEPEST = 100;

/**
 * Parses a main configuration file. Included paths are relative to its folder, wherever they are included
 * from. Throws an ImportError with file and line where nginx would not start either.
 */
export function parseNginxConf({ file, text }: Source, files: Files): Directive[] {
  const prefix = file.slice(0, file.lastIndexOf("/") + 1);
  return parseFile(file, text, [file]);

  function parseFile(path: string, content: string, chain: readonly string[]): Directive[] {
    const next = statements(path, content);
    return directives(undefined, 0);

    function directives(opener: Directive | undefined, depth: number): Directive[] {
      const found: Directive[] = [];
      for (;;) {
        const { words, end, line } = next();
        const place = { file: path, line };
        if (end === "}" && !opener) throw unexpected(place, "", "a directive", '"}"');
        if (end === "end of file" && opener) {
          const expected = `"}" of the ${opener.name} block that opens in line ${opener.line}`;
          throw unexpected(place, "", expected, "the end of the file");
        }
        if (end === "}" || end === "end of file") return found;
        const [name, ...args] = words as [string, ...string[]];
        const directive: Directive = { name, args, ...place };
        if (end === ";") found.push(...(name === "include" ? included(directive, chain) : [directive]));
        else found.push({ ...directive, block: block(directive, depth + 1) });
      }
    }

    function block(opener: Directive, depth: number): Directive[] {
      if (opener.name.endsWith("_by_lua_block")) {
        throw new ImportError(opener, opener.name, "blocks of Lua are not read; use the _by_lua_file form");
      }
      if (depth > DEEPEST)
        throw new ImportError(opener, opener.name, `expected at most ${DEEPEST} nested blocks`);
      return directives(opener, depth);
    }
  }

  function included(directive: Directive, chain: readonly string[]): Directive[] {
    const [name, ...others] = directive.args;
    if (!name || others.length > 0) {
      throw unexpected(directive, "include", "one path", directive.args.length === 0 ? "none" : "several");
    }
    const path = name.startsWith("/") ? name : prefix + name;
    // glob(3) sorts, so the order of the matches is the order of their names.
    if (/[*?[]/.test(path))
      return [...files.glob(path)].sort().flatMap((match) => includedFile(directive, match, chain));
    return includedFile(directive, path, chain);
  }

  function includedFile(directive: Directive, path: string, chain: readonly string[]): Directive[] {
    if (chain.includes(path)) {
      throw new ImportError(directive, "include", `a file includes itself: ${[...chain, path].join(" -> ")}`);
    }
    const content = files.read(path);
    if (content !== undefined) return parseFile(path, content, [...chain, path]);
    if (KNOWN_INCLUDE.test(path)) return [directive];
    throw unexpected(directive, "include", "a readable file", `"${path}"`);
  }
}

/** `proxy_read_timeout 60s`, for notes: without what stands in the braces. */
export function directiveText({ name, args }: Directive): string {
  return [name, ...args].join(" ");
}
