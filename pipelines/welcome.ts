// What `npm start` says once everything runs: where things are, and what to try.

export type Places = {
  readonly gateway: string
  readonly brokers: string
  readonly registry: string
  readonly clickHouse: string
  /** A file of options for curl that lets it in as the one who only reads; undefined for a ClickHouse of one's own. */
  readonly curlConfig: string | undefined
  readonly metrics: Readonly<Record<string, number>>
  readonly logs: string
  /** Where the market keeps its data. */
  readonly data: string
  /** Of the demo's visitor; undefined without a demo. */
  readonly consumptionKey: string | undefined
}

export function welcome (places: Places): string {
  const { gateway, brokers, registry, clickHouse, metrics, logs, consumptionKey: key } = places
  const demo = key === undefined ? '' : ', and the demo trades nine instruments, serves them with two made-up model servers, and consumes'
  const inferenceLine = key === undefined ? '' : `  inference     base URL ${gateway}/v1 (Anthropic clients: ${gateway}), key ${key}\n`
  return `
The market is running${demo}. Ctrl-C stops it; the next start goes on from here.

  gateway       ${gateway}/v1    its documentation: ${gateway}/docs
${inferenceLine}  Kafka         ${brokers}
  registry      ${registry}
  ClickHouse    ${clickHouse}    tables: fills, candles, journal_entries, usage_receipts, request_reports …
  metrics       ${[`${gateway}/metrics`, ...Object.entries(metrics).map(([name, port]) => `http://127.0.0.1:${port}/metrics (${name})`)].join('\n                ')}
  logs          ${logs}

Try

${attempts(places).map(([what, command]) => `  # ${what}\n  ${command}`).join('\n\n')}

To trade yourself: npm run admin -- user create --mode advanced (--help), then key create and deposit; README.md has the five commands.
Agents, editors and proxies: gateway/clients/README.md.
`
}

type Attempt = [what: string, command: string]

/** Commands that work as they stand. */
export function attempts (
  { gateway, curlConfig, data, consumptionKey: key }: Pick<Places, 'gateway' | 'curlConfig' | 'data' | 'consumptionKey'>
): Attempt[] {
  const question = 'SELECT instrument_id, count() AS trades, sum(quantity) AS units, max(price) / 1e6 AS dearest FROM fills GROUP BY 1 ORDER BY 2 DESC FORMAT PrettyCompact'
  const signed: Attempt = [
    'an order of somebody of the demo, signed with their key', `npx node pipelines/demo/call.ts --data '${data}' POST /v1/orders '{"market_id":"text-prime","side":"buy","type":"market","quantity":1}'`
  ]
  return [
    ['the order book of text-prime, five levels a side', `curl -s '${gateway}/v1/markets/text-prime/orderbook?depth=5'`],
    ...key === undefined ? [] : [signed, ...inference(gateway, key)],
    curlConfig === undefined
      ? ['how far behind anything is', `curl -s ${gateway}/metrics | grep -E 'stage_time_behind|stage_lag|dead_letters'`]
      : ['what was traded, asked of ClickHouse itself', `curl -s -K '${curlConfig}' --data "${question}"`]
  ]
}

const model = 'text-prime'

/** The same question three times. Somebody else's computer has what it takes: an interpreter, and the package named. */
function inference (gateway: string, key: string): Attempt[] {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] })
  return [
    ['inference', `curl -sL ${gateway}/v1/chat/completions -H 'authorization: Bearer ${key}' -H 'content-type: application/json' -d '${body}'`],
    ['what that cost', `curl -s '${gateway}/v1/usage?limit=1' -H 'authorization: Bearer ${key}'`],
    ['in JavaScript, here (elsewhere: npm install openai)', `node --input-type=module <<'END'
import OpenAI from 'openai'
const client = new OpenAI({ baseURL: '${gateway}/v1', apiKey: '${key}' })
const answer = await client.chat.completions.create({ model: '${model}', messages: [{ role: 'user', content: 'Hello' }] })
console.log(answer.model, answer.choices[0].message.content)
END`],
    ['in Python (pip install openai)', `python3 - <<'END'
from openai import OpenAI
client = OpenAI(base_url='${gateway}/v1', api_key='${key}')
answer = client.chat.completions.create(model='${model}', messages=[{'role': 'user', 'content': 'Hello'}])
print(answer.model, answer.choices[0].message.content)
END`]
  ]
}
