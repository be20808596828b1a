// What the application does with a request.
//
// Modelled: a service time during which a worker is held, drawn at the request's birth; the size of the
// response.
// Not modelled: processor time that competes for cores, several routes, failures of the application itself.

import { component } from "../src/component/component.js";
import { distribution, withFiles } from "../src/component/distribution-setting.js";
import { SettingError } from "../src/component/setting-error.js";
import { bytes, section, toggle } from "../src/component/settings.js";
import { isRandom, sampler } from "../src/engine/distribution.js";
import type { Source } from "../src/engine/random.js";
import { SECOND } from "../src/engine/time.js";

const settings = section(
  {
    sleep: distribution({
      help: "how long a request holds its worker: a duration or a distribution",
      default: "0s",
    }),
    content_length: toggle({
      help: "whether responses announce their length; without it the application always closes first",
      default: true,
      source: "src/http/ngx_http_proxy_module.c",
    }),
    body: bytes({ help: "size of the response's body", default: "2B" }),
  },
  "the application",
);

export const app = component({
  section: "app",
  occurs: "once",
  help: "the application",
  settings,
  build(world, { sleep, body, content_length }) {
    const service = withFiles(sleep, (file) =>
      Array.from(secondsColumn(world.table(file), file), (s) => s * SECOND),
    );
    return {
      bodyBytes: body,
      announcesLength: content_length,
      /** Service times in whole nanoseconds, one draw a request. */
      serviceNs: (source: () => Source) => sampler(service, isRandom(service) ? source() : undrawn),
    };
  },
});

function secondsColumn(table: Record<string, Float64Array>, file: string): Float64Array {
  const column = table.service_s ?? Object.values(table)[0];
  if (!column) throw new SettingError(["app", "sleep"], `${file}: expected a column of seconds, got none`);
  return column;
}

function undrawn(): number {
  throw new Error("a constant service time draws nothing");
}
