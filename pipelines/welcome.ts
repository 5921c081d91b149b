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
  readonly hasDemo: boolean
}

export function welcome (places: Places): string {
  const { gateway, brokers, registry, clickHouse, metrics, logs, hasDemo } = places
  return `
The market is running${hasDemo ? ', and the demo trades nine instruments' : ''}. Ctrl-C stops it; the next start goes on from here.

  gateway       ${gateway}/v1/trading    what it serves: gateway/README.md, GET ${gateway}/v1/diagnostics
  Kafka         ${brokers}
  registry      ${registry}
  ClickHouse    ${clickHouse}    tables: fills, candles, order_updates, dead_letters
  metrics       ${[`${gateway}/metrics`, ...Object.entries(metrics).map(([name, port]) => `http://127.0.0.1:${port}/metrics (${name})`)].join('\n                ')}
  logs          ${logs}

Try

${attempts(places).map(([what, command]) => `  # ${what}\n  ${command}`).join('\n\n')}
`
}

/** Commands that work as they stand. */
export function attempts ({ gateway, curlConfig }: Pick<Places, 'gateway' | 'curlConfig'>): [what: string, command: string][] {
  const trading = `${gateway}/v1/trading`
  const question = 'SELECT instrument_id, count() AS trades, sum(quantity) AS units, max(price) / 1e6 AS dearest FROM fills GROUP BY 1 ORDER BY 2 DESC FORMAT PrettyCompact'
  return [
    ['the last ten minutes of text-prime, a candle a minute', `curl -s '${trading}/price-histories?market_id=text-prime&resolution=1m&limit=10'`],
    ['its order book, five levels a side', `curl -s '${trading}/markets/text-prime/orderbook?depth=5'`],
    curlConfig === undefined
      ? ['how far behind anything is', `curl -s ${gateway}/metrics | grep -E 'stage_time_behind|stage_lag|dead_letters'`]
      : ['what was traded, asked of ClickHouse itself', `curl -s -K '${curlConfig}' --data "${question}"`]
  ]
}
