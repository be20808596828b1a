// The hash of a name, in which outcomes and causes stand for themselves in a fingerprint.

export const FNV_BASIS = 0x811c9dc5;
export const FNV_PRIME = 0x01000193;

/** 32 bits of a name: FNV-1a (Fowler, Noll, Vo) over its UTF-16 units. */
export function hashOf(name: string): number {
  let hash = FNV_BASIS;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), FNV_PRIME);
  }
  return hash;
}
