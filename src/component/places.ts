// Where the request of a connection can be while its caller waits: what a caller's timeout is named after.

export interface Place {
  /** Ends the id of a cause: `queued`, `running`. */
  id: string;
  /** The same in a sentence: `while queued in unix accept queue at unix:/run/gunicorn.sock`. */
  text: string;
}

/** The number of no place in particular. */
export const NOWHERE = 0;

export interface Places {
  /** Everything that has been declared so far, by number. */
  readonly all: readonly Place[];
  /** The number of a place; the same one for the same words. */
  declare(place: Place): number;
}

export function places(): Places {
  const all: Place[] = [{ id: "", text: "" }];
  return {
    all,
    declare({ id, text }) {
      const known = all.findIndex((place) => place.id === id && place.text === text);
      return known >= 0 ? known : all.push({ id, text }) - 1;
    },
  };
}
