// What a declared setting tells besides its type.

/** What a declaration tells besides its type. `source` names the manual, kernel file or measurement. */
export interface Declaration {
  help: string;
  /** As the user would write it. Without a default the setting must be given. */
  default?: unknown;
  source?: string;
  steps?: Steps;
}

export interface Described {
  help?: string;
  unit?: string;
  source?: string;
}

type Word = string | number | boolean;

/**
 * How an operator turns a setting, one step down and one up; a setting without is not turned unasked. A value
 * that validation refuses is no step, and neither is what times makes of 0.
 */
export type Steps = (
  | {
      /** So many less and more, `times` as many besides. */
      by: number;
      times?: number;
    }
  /** Divided and multiplied by it. */
  | { times: number }
  /** So many percent less and more; of a distribution all its times. */
  | { percent: number }
  /** To the neighbours among these customary numbers, in order. */
  | { among: readonly number[] }
  | {
      /** To each of the others, if the value is one of them or none is given: then to all but the first. */
      each: readonly Word[];
      /** `KEY=VALUE`: what has to be set with it, unless it becomes the first of them. */
      also?: readonly string[];
    }
) & {
  /** Nothing that an operator can turn: what comes in, and how long the application takes. */
  isEnvironment?: true;
};

/** Where the JSON Schema of a setting says how it is turned. */
export const STEPS = "x-steps";
