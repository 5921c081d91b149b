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
  readonly hasDemo: boolean
}

export function welcome (places: Places): string {
  const { gateway, brokers, registry, clickHouse, metrics, logs, hasDemo } = places
  return `
The market is running${hasDemo ? ', and the demo trades nine instruments' : ''}. Ctrl-C stops it; the next start goes on from here.

  gateway       ${gateway}/v1    its documentation: ${gateway}/docs
  Kafka         ${brokers}
  registry      ${registry}
  ClickHouse    ${clickHouse}    tables: fills, candles, order_states, journal_entries, postings …
  metrics       ${[`${gateway}/metrics`, ...Object.entries(metrics).map(([name, port]) => `http://127.0.0.1:${port}/metrics (${name})`)].join('\n                ')}
  logs          ${logs}

Try

${attempts(places).map(([what, command]) => `  # ${what}\n  ${command}`).join('\n\n')}

To trade yourself: npm run admin -- user create --help, then key create and deposit; README.md has the five commands.
`
}

type Attempt = [what: string, command: string]

/** Commands that work as they stand. */
export function attempts ({ gateway, curlConfig, data, hasDemo }: Pick<Places, 'gateway' | 'curlConfig' | 'data' | 'hasDemo'>): Attempt[] {
  const question = 'SELECT instrument_id, count() AS trades, sum(quantity) AS units, max(price) / 1e6 AS dearest FROM fills GROUP BY 1 ORDER BY 2 DESC FORMAT PrettyCompact'
  const signed: Attempt = [
    'an order of somebody of the demo, signed with their key', `npx node pipelines/demo/call.ts --data '${data}' POST /v1/orders '{"market_id":"text-prime","side":"buy","type":"market","quantity":1}'`
  ]
  return [
    ['the order book of text-prime, five levels a side', `curl -s '${gateway}/v1/markets/text-prime/orderbook?depth=5'`],
    ...hasDemo ? [signed] : [],
    curlConfig === undefined
      ? ['how far behind anything is', `curl -s ${gateway}/metrics | grep -E 'stage_time_behind|stage_lag|dead_letters'`]
      : ['what was traded, asked of ClickHouse itself', `curl -s -K '${curlConfig}' --data "${question}"`]
  ]
}
