// Clients as they are used, with their own retries: what each makes of a redirect is what is looked at.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { Agent, interceptors, request } from 'undici'
import { hello, model } from '../calls/call.ts'
import { ChatOpenAI, createAnthropic, createOpenAI, generateText, streamText, type VercelModel } from '../calls/untyped.ts'
import { versions } from '../python/venv.ts'

export type Form = 'json' | 'sse'

export type Site = { readonly url: string, readonly key: string }

/** What came of it; rejects with whatever the client says that went wrong. */
export type Outcome = { readonly status: number, readonly text: string }

export type Client = {
  readonly name: string
  readonly version: string
  run (site: Site, form: Form): Promise<Outcome>
}

const mode = { 'x-grid-delivery': 'redirect' }
const messages = [{ role: 'user' as const, content: hello }]
const path = '/v1/chat/completions'
const bodyOf = (form: Form): string => JSON.stringify({ model, messages, stream: form === 'sse' })
const ok = (text: string): Outcome => ({ status: 200, text })

const run = promisify(execFile)

async function openai ({ url, key }: Site, form: Form): Promise<Outcome> {
  const client = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, defaultHeaders: mode })
  if (form === 'json') return ok((await client.chat.completions.create({ model, messages })).choices[0]?.message.content ?? '')
  let text = ''
  const stream = await client.chat.completions.create({ model, messages, stream: true })
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
  return ok(text)
}

async function openaiResponses ({ url, key }: Site, form: Form): Promise<Outcome> {
  const client = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, defaultHeaders: mode })
  if (form === 'json') return ok((await client.responses.create({ model, input: hello })).output_text)
  return ok((await client.responses.stream({ model, input: hello }).finalResponse()).output_text)
}

async function anthropic ({ url, key }: Site, form: Form): Promise<Outcome> {
  const client = new Anthropic({ apiKey: key, baseURL: url, defaultHeaders: mode })
  const asked = { model, max_tokens: 100, messages }
  const { content } = await (form === 'json' ? client.messages.create(asked) : client.messages.stream(asked).finalMessage())
  return ok(content.map(block => block.type === 'text' ? block.text : '').join(''))
}

const vercel = (modelOf: (site: Site) => VercelModel) => async (site: Site, form: Form): Promise<Outcome> => {
  const asked = { model: modelOf(site), prompt: hello, maxOutputTokens: 100 }
  if (form === 'json') return ok((await generateText(asked)).text)
  let text = ''
  let failure: unknown = null
  const { textStream } = streamText({ ...asked, onError: ({ error }) => { failure = error } })
  for await (const part of textStream) text += part
  if (failure !== null) throw failure as Error
  return ok(text)
}

async function langchain ({ url, key }: Site, form: Form): Promise<Outcome> {
  const chat = new ChatOpenAI({ model, apiKey: key, configuration: { baseURL: `${url}/v1`, defaultHeaders: mode } })
  if (form === 'json') return ok((await chat.invoke(hello)).text)
  let text = ''
  for await (const chunk of await chat.stream(hello)) text += chunk.text
  return ok(text)
}

/** Both, because either may be sent. */
const plainHeaders = ({ key }: Site): Record<string, string> =>
  ({ ...mode, authorization: `Bearer ${key}`, 'x-api-key': key, 'content-type': 'application/json' })

async function nodeFetch (site: Site, form: Form): Promise<Outcome> {
  const response = await fetch(site.url + path, { method: 'POST', headers: plainHeaders(site), body: bodyOf(form) })
  return { status: response.status, text: await response.text() }
}

async function fetchOfStream (site: Site, form: Form): Promise<Outcome> {
  const body = new Blob([bodyOf(form)]).stream()
  const response = await fetch(site.url + path, { method: 'POST', headers: plainHeaders(site), body, duplex: 'half' })
  return { status: response.status, text: await response.text() }
}

const undici = (dispatcher?: Agent | ReturnType<Agent['compose']>) => async (site: Site, form: Form): Promise<Outcome> => {
  const { statusCode, body } = await request(site.url + path, {
    method: 'POST', headers: plainHeaders(site), body: bodyOf(form), ...(dispatcher === undefined ? {} : { dispatcher })
  })
  return { status: statusCode, text: await body.text() }
}

type Axios = {
  post (url: string, body: string, options: object): Promise<{ status: number, data: unknown }>
}

/** `folder`: where it was installed. */
async function axiosIn (folder: string): Promise<Client> {
  const file = pathToFileURL(join(folder, 'node_modules', 'axios', 'index.js')).href
  const { default: axios } = await import(file) as { default: Axios }
  return {
    name: 'axios',
    version: '1.21.1',
    async run (site, form) {
      const options = { headers: plainHeaders(site), responseType: 'text', validateStatus: () => true }
      const { status, data } = await axios.post(site.url + path, bodyOf(form), options)
      return { status, text: String(data) }
    }
  }
}

const curlOptions = ['-sS', '-L', '--retry', '2', '--retry-all-errors', '--retry-delay', '1', '-w', '\n%{http_code}']

type Words = readonly string[]

const curl = (more: Words, body: (form: Form) => Words) => async (site: Site, form: Form): Promise<Outcome> => {
  const headers = Object.entries(plainHeaders(site)).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const command = ['curl', ...curlOptions, ...more, ...headers, ...body(form), site.url + path]
  const quoted = command.map(word => `'${word.replaceAll('\'', '\'\\\'\'')}'`).join(' ')
  const { stdout } = await run('sh', ['-c', more.includes('-T') ? `printf '%s' '${bodyOf(form)}' | ${quoted}` : quoted])
  const at = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(at + 1)), text: stdout.slice(0, at) }
}

const versionOf = async (command: string): Promise<string> =>
  /\d+\.\d+\.\d+/.exec((await run(command, ['--version'])).stdout)?.[0] ?? ''

const script = join(import.meta.dirname, '..', 'python', 'redirects.py')

export const pythonClients = (python: string): Client[] => [
  ['openai PyPI', 'openai', versions.openai],
  ['anthropic PyPI', 'anthropic', versions.anthropic],
  ['requests', 'requests', versions.requests],
  ['requests, generator', 'requests-generator', versions.requests],
  ['httpx', 'httpx', versions.httpx],
  ['httpx, follow_redirects', 'httpx-following', versions.httpx],
  ['urllib', 'urllib', '']
].map(([name = '', which = '', version = '']) => ({
  name,
  version,
  async run ({ url, key }, form) {
    const { stdout } = await run(python, [script, which, form, url, key])
    const said = JSON.parse(stdout) as Outcome & { readonly error: string | null }
    if (said.error !== null) throw Object.assign(new Error(said.error), { status: said.status })
    return said
  }
}))

export async function nodeClients (folder: string): Promise<Client[]> {
  const of = (name: string, version: string, run: Client['run']): Client => ({ name, version, run })
  const settings = ({ url, key }: Site) => ({ apiKey: key, baseURL: `${url}/v1`, headers: mode })
  const curlVersion = await versionOf('curl')
  return [
    of('openai npm, chat', '7.57.0', openai),
    of('openai npm, responses', '7.57.0', openaiResponses),
    of('@anthropic-ai/sdk', '1.12.0', anthropic),
    of('ai with @ai-sdk/openai', '7.0.173', vercel(site => createOpenAI(settings(site)).chat(model))),
    of('ai with @ai-sdk/anthropic', '7.0.173', vercel(site => createAnthropic(settings(site))(model))),
    of('@langchain/openai', '1.6.0', langchain),
    await axiosIn(folder),
    of('Node fetch', process.version.slice(1), nodeFetch),
    of('Node fetch, stream', process.version.slice(1), fetchOfStream),
    of('undici.request', '8.12.4', undici()),
    of('undici, redirect', '8.12.4', undici(new Agent().compose(interceptors.redirect({ maxRedirections: 3 })))),
    of('curl -L', curlVersion, curl([], form => ['--data-binary', bodyOf(form)])),
    of('curl -L -T -', curlVersion, curl(['-X', 'POST', '-T', '-'], () => []))
  ]
}
