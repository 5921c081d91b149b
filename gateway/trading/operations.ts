// Whether this gateway lives, whether it may be sent requests, and what an operator wants to know of it.

import { one } from '../http/reply-schemas.ts'
import { resource, type Route } from '../http/route.ts'
import type { Check, CheckStatus, Ports } from '../ports.ts'
import { isoTime } from './decimals.ts'
import { diagnostics, health as healthReply, readiness } from './public-schemas.ts'

const service = 'gateway'

const checkJson = ({ name, status, code, detail, nextAction }: Check): object =>
  ({ name, status, code, detail, ...(nextAction === undefined ? {} : { next_action: nextAction }) })

function worst (checks: readonly Check[]): CheckStatus {
  const order = ['ok', 'warn', 'fail'] as const
  return order.findLast(status => checks.some(check => check.status === status)) ?? 'ok'
}

function summary (checks: readonly Check[]): object {
  const having = (status: CheckStatus): number => checks.filter(check => check.status === status).length
  return { ok: having('ok'), warn: having('warn'), fail: having('fail') }
}

/** `health` asks nothing of anyone: a process that answers lives. `ready` fails while any check does. */
export function operationRoutes ({ health, now }: Ports): Route[] {
  return [
    resource({
      path: '/health',
      summary: 'Whether this process answers.',
      replies: { 200: one(healthReply) },
      query: {},
      answer: () => ({ body: { data: { status: 'ok', service } } })
    }),
    resource({
      path: '/ready',
      summary: 'Whether this gateway may be sent requests: 503 while it may not.',
      replies: { 200: one(readiness), 503: one(readiness) },
      query: {},
      answer: () => {
        const checks = health.checks()
        const status = worst(checks)
        const brief = checks.map(({ name, status, code }) => ({ name, status, code }))
        return { status: status === 'fail' ? 503 : 200, body: { data: { status, service, checks: brief } } }
      }
    }),
    resource({
      path: '/diagnostics',
      summary: 'Every check with what it found and what to do.',
      replies: { 200: one(diagnostics) },
      query: {},
      answer: () => {
        const checks = health.checks()
        const found = { status: worst(checks), service, server_time: isoTime(now()) }
        return { body: { data: { ...found, checks: checks.map(checkJson), summary: summary(checks) } } }
      }
    })
  ]
}
