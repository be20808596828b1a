/**
 * A setting that is right by itself and wrong together with others or with a file; the scenario layer adds
 * the line.
 */
export class SettingError extends Error {
  readonly path: (string | number)[];
  readonly text: string;

  /** `text` follows the path: `expected …, got …`. */
  constructor(path: (string | number)[], text: string) {
    super(`${path.join(".")}: ${text}`);
    this.name = "SettingError";
    this.path = path;
    this.text = text;
  }
}
