// What the pages for clients say is there, is there.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { placeOf } from '../../../gateway/consumption/paths.ts'
import { faultStatus } from '../../../gateway/surfaces/fault.ts'
import { consumers, visitor } from '../../../pipelines/demo/people.ts'
import { consumptionKeyFile } from '../../../pipelines/market.ts'
import { instrumentBySymbol } from '../../../schemas/instruments.ts'

const folder = join(import.meta.dirname, '../../../gateway/clients')
const pages = readdirSync(folder)
const text = (page: string): string => readFileSync(join(folder, page), 'utf8')
const index = text('README.md')

test('the index names every page', () => {
  const linked = [...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, page]) => page!)
  expect([...linked, 'README.md'].sort()).toEqual([...pages].sort())
})

describe.each(pages)('%s', page => {
  test('names instruments that there are', () => {
    const named = [...text(page).matchAll(/\b(?:text|code|agent)-(?:standard|prime|max)\b/g)].map(([symbol]) => symbol)
    for (const symbol of named) expect(instrumentBySymbol(symbol), symbol).toBeDefined()
  })

  test('has base URLs that end where the client goes on', () => {
    const urls = [...text(page).matchAll(/http:\/\/127\.0\.0\.1:4040[^\s'"`,)]*/g)].map(([url]) => url)
    for (const url of urls) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:4040(\/v1)?$/)
  })
})

test('limits that are copied into settings are those of the instrument', () => {
  const { contextTokens, outputTokensMax, acceptsImages } = instrumentBySymbol('agent-max')!.terms
  for (const page of ['codex.md', 'editors.md']) {
    expect(text(page)).toContain(String(contextTokens))
    expect(text(page)).toContain(String(outputTokensMax))
  }
  expect(text('editors.md')).toContain(`"images": ${acceptsImages}`)
})

test('paths, codes, the visitor and the file of his key are as the index says', () => {
  for (const path of ['/v1/chat/completions', '/v1/responses', '/v1/messages/count_tokens', '/v1/models', '/v1/usage/req_1', '/v1/usage/summary']) {
    expect(placeOf(path)?.kind, path).toMatch(/inference|count|models|receipt/)
  }
  for (const [, status, code] of index.matchAll(/^\| (\d{3}) `(\w+)`/gm)) expect(faultStatus).toHaveProperty(code!, Number(status))
  expect(index).toContain(`--as ${visitor.userId} `)
  expect(index).toContain(`.data/market/${consumptionKeyFile}`)
  expect(consumers).toContain(visitor)
  const { aliases } = JSON.parse(/'(\{"aliases".*\})'/.exec(index)![1]!) as { aliases: { instrument: string }[] }
  expect(aliases.map(({ instrument }) => instrumentBySymbol(instrument)?.instrumentId)).toEqual(['agent-standard', 'agent-max'])
})
