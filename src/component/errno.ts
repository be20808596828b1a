// What a system call answers: the errors of connect(2), read(2) and write(2) that a request can meet.

/** 0 is success; the others are Linux's numbers (asm-generic/errno.h, errno-base.h). */
export const OK = 0;
export const ENOENT = 2;
export const EAGAIN = 11;
export const EADDRINUSE = 98;
export const EADDRNOTAVAIL = 99;
export const ECONNRESET = 104;
export const ETIMEDOUT = 110;
export const ECONNREFUSED = 111;
/** Not an error: the handshake goes on, and the caller is told how it ends. */
export const EINPROGRESS = 115;

const TEXTS = {
  [ENOENT]: "ENOENT",
  [EAGAIN]: "EAGAIN",
  [EADDRINUSE]: "EADDRINUSE",
  [EADDRNOTAVAIL]: "EADDRNOTAVAIL",
  [ECONNRESET]: "ECONNRESET",
  [ETIMEDOUT]: "ETIMEDOUT",
  [ECONNREFUSED]: "ECONNREFUSED",
} as const;

export type Failure = keyof typeof TEXTS;
export type Errno = typeof OK | typeof EINPROGRESS | Failure;

/** `EAGAIN` for 11. */
export function errnoName(errno: Failure): string {
  return TEXTS[errno];
}

/** The names of all of them. */
export const ERRNO_NAMES = Object.values(TEXTS);
