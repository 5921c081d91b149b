// The dead-man switch: all orders are cancelled unless the client says in time that it is still there.

import { z } from 'zod'
import { logPosition, one, time } from '../http/reply-schemas.ts'
import { command, type Route } from '../http/route.ts'
import { instant } from '../../schemas/units.ts'
import type { Ports } from '../ports.ts'
import { isoTime } from './decimals.ts'
import { traders } from './order-outcomes.ts'
import { done } from './refusals.ts'

const timeoutMsMin = 1000
const timeoutMsMax = 24 * 60 * 60 * 1000
const fault = `is 0, or ${timeoutMsMin} to ${timeoutMsMax} milliseconds`

const timeout = z.union([z.int(), z.string().regex(/^\d{1,9}$/, fault)], fault).transform(Number)
  .refine(ms => ms === 0 || (ms >= timeoutMsMin && ms <= timeoutMsMax), fault)
  .meta({ description: 'Milliseconds until all your orders are cancelled, unless you send this again; 0 ends it.', examples: [30_000] })

const armed = z.strictObject({
  timeout_ms: z.int(),
  triggers_at: time.nullable().meta({ description: 'By the clock of the log.' }),
  log_position: logPosition
}).meta({ id: 'DeadManSwitch' })

export const deadManRoute = ({ ledger }: Ports): Route => command({
  method: 'POST',
  path: '/orders/cancel-all-after',
  summary: 'Cancels all your orders after a time, unless it is sent again before.',
  access: traders,
  body: z.object({ timeout_ms: timeout }).meta({ id: 'DeadManTimeout' }),
  replies: { 200: one(armed) },
  answer: async ({ caller: { holder }, tag }, { timeout_ms: timeoutMs }) => {
    const [answer] = await ledger.submit([{ command: { kind: 'set-dead-man', holder, timeoutMs }, tag }])
    const { outcome, position } = done(answer)
    const triggersAt = timeoutMs === 0 ? null : isoTime(instant(outcome.at + timeoutMs))
    const data: z.output<typeof armed> = { timeout_ms: timeoutMs, triggers_at: triggersAt, log_position: position }
    return { body: { data } }
  }
})
