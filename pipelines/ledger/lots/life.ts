// How long lots live.

import { periodMs } from '../../../schemas/units.ts'

export const lifeMs = periodMs
/** What a lot has left at least when it opens late, or is given anew. */
export const lifeMsMin = 5 * 60 * 1000
