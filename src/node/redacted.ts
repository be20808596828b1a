// Passwords stand in addresses, and addresses stand in messages: nothing that is printed shows one.

const CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)\S*@/gi;

/** `redis://user:password@host` as `redis://***@host`, wherever in a text. */
export function redacted(text: string): string {
  return text.replace(CREDENTIALS, "$1***@");
}

/** The same of what should be an address and nothing else, whatever its password is made of. */
export function redactedAddress(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1***@");
}

/** Whoever lists the processes sees no password of the command line, once the process has begun. */
export function hideCredentials(): void {
  const words = process.argv.slice(2);
  const shown = words.map((word) => (word.includes("://") ? redactedAddress(word) : word));
  if (shown.some((word, index) => word !== words[index])) process.title = ["recvq", ...shown].join(" ");
}
