// What a system call answers: the errors of connect(2), read(2) and write(2) that a request can meet.

/** 0 is success; the others are Linux's numbers (asm-generic/errno.h). */
export const OK = 0;
export const ENOENT = 2;
export const EAGAIN = 11;
export const ECONNREFUSED = 111;

export type Errno = typeof OK | typeof ENOENT | typeof EAGAIN | typeof ECONNREFUSED;

const TEXTS: Record<number, string> = {
  [ENOENT]: "ENOENT",
  [EAGAIN]: "EAGAIN",
  [ECONNREFUSED]: "ECONNREFUSED",
};

/** `EAGAIN` for 11. */
export function errnoName(errno: Errno): string {
  return TEXTS[errno] as string;
}
