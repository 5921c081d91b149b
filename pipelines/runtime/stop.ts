// Reasons to stop. None of them passes by itself: going on would apply something twice, or leave it out, and nobody
// would know. The process ends with the message; what to do about each is in this folder's README.

export const stopCode = [
  'sequence_gap', 'log_gap', 'log_trimmed', 'log_shrunk', 'version_ahead', 'state_differs', 'topic_differs'
] as const
export type StopCode = typeof stopCode[number]

export class Stop extends Error {
  readonly code: StopCode
  constructor (code: StopCode, message: string) {
    super(message)
    this.name = 'Stop'
    this.code = code
  }
}
