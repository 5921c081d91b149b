// Numbers from text and from one another, spread evenly. Not secret: nobody gains by choosing where he is served.

const size = 2 ** 32

/** FNV-1a over UTF-16 units. */
export function textHash (text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** The last steps of MurmurHash3: every bit of what goes in reaches every bit of what comes out. */
function mix (value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Above 0 and below 1, the same for the same two. */
export const chanceOf = (a: number, b: number): number => (mix(mix(a) ^ b) + 0.5) / size
