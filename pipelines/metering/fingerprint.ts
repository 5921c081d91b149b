// What is kept of a text: 64 bits in two halves, under a seed.

const [lowPrime, highPrime, firstMix, secondMix] = [0x9e3779b1, 0x5f356495, 0x85ebca6b, 0xc2b2ae35]

export class Fingerprint {
  low = 0
  high = 0

  take (seed: number, text: string): void {
    let low = 0xdeadbeef ^ seed
    let high = 0x41c6ce57 ^ seed
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      low = Math.imul(low ^ code, lowPrime)
      high = Math.imul(high ^ code, highPrime)
    }
    low = Math.imul(low ^ (low >>> 16), firstMix) ^ Math.imul(high ^ (high >>> 13), secondMix)
    high = Math.imul(high ^ (high >>> 16), firstMix) ^ Math.imul(low ^ (low >>> 13), secondMix)
    this.low = low | 0
    this.high = high | 0
  }
}

/** Two texts as one that no other two make. */
export const joined = (first: string, second: string): string => `${first.length} ${first}${second}`
