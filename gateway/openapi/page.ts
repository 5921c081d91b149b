// The description as a page to read: Swagger UI, served from here whole. No page of ours asks another host.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type Router from '@koa/router'
import type { RequestState } from '../http/request.ts'

const html = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>API</title>
  <link rel="icon" type="image/png" href="docs/favicon-32x32.png">
  <link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
  <div id="api"></div>
  <script src="docs/swagger-ui-bundle.js"></script>
  <script src="docs/start.js"></script>
</body>
</html>
`

// A command needs a signature, which the page can't make: it lets one try what anyone may read.
const start = `SwaggerUIBundle({
  url: 'openapi.json', dom_id: '#api', deepLinking: true, supportedSubmitMethods: ['get'], validatorUrl: null
})
`

const assets = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const

/** The page's own scripts and styles, and pictures within them; it may ask this host only. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const folder = new URL('.', import.meta.resolve('swagger-ui-dist/package.json'))

const kept = new Map<string, Buffer>()

/** Read when it is first asked for: a gateway nobody reads the page of does without it. */
function asset (name: string): Buffer {
  const known = kept.get(name)
  if (known !== undefined) return known
  const bytes = readFileSync(fileURLToPath(new URL(name, folder)))
  kept.set(name, bytes)
  return bytes
}

type Served = { readonly type: string, readonly body: () => string | Buffer | object }

/** `openapi.json`, `docs` and what that page is made of. The document is written when it is first asked for. */
export function describe (router: Router<RequestState>, document: () => object): void {
  let text: string | undefined
  const written = (): string => {
    text ??= JSON.stringify(document())
    return text
  }
  const serve = (path: string, { type, body }: Served): void => {
    router.get(path, ctx => {
      ctx.state.route = path
      ctx.set({ 'content-security-policy': policy, 'cache-control': 'public, max-age=300' })
      ctx.type = type
      ctx.body = body()
    })
  }
  serve('/openapi.json', { type: 'json', body: written })
  serve('/docs', { type: 'html', body: () => html })
  serve('/docs/start.js', { type: 'js', body: () => start })
  for (const name of assets) serve(`/docs/${name}`, { type: name.split('.').at(-1)!, body: () => asset(name) })
}
