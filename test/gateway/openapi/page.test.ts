import { expect, test } from 'vitest'
import { serve } from '../support.ts'

test('the description is served as JSON, and may be read from any page', async () => {
  const ask = await serve()
  const { status, headers, body } = await ask('/openapi.json')
  expect([status, body['openapi'], headers.get('access-control-allow-origin')]).toEqual([200, '3.1.0', '*'])
})

test('the page has all it needs from here, and its policy lets it ask nobody else', async () => {
  const ask = await serve()
  const { status, headers, body } = await ask('/docs')
  expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  const html = String(body['text'])
  const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!)
  expect(named.length).toBe(4)
  for (const path of named) {
    const asset = await ask(`/${path}`)
    expect([asset.status, path]).toEqual([200, path])
    expect(asset.headers.get('x-content-type-options')).toBe('nosniff')
  }
  const policy = headers.get('content-security-policy') ?? ''
  expect(policy.split('; ')).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'"]))
  expect(policy).not.toMatch(/https?:|\*/)
})

test('nothing beside what the page is made of is served from its package', async () => {
  const ask = await serve()
  for (const path of ['/docs/package.json', '/docs/../package.json', '/docs/%2e%2e%2fpackage.json', '/docs/index.html']) {
    expect((await ask(path)).status, path).toBe(404)
  }
})
