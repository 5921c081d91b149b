// Events as a supplier's edge sends them.

export const data = {
  request_id: 'req_8fK2',
  consumer: 11,
  instrument_id: 'text-prime',
  sequence: 3,
  nonce: 'n1',
  input_tokens: 812,
  output_tokens: 2048
}

export const event = {
  specversion: '1.0',
  id: 'f1c0-3',
  source: '/edge/ams-2',
  type: 'market.usage.final',
  subject: 'req_8fK2',
  time: '2026-06-15T12:00:30.123Z',
  datacontenttype: 'application/json',
  data
}

export const eventType = 'application/cloudevents+json'
export const batchType = 'application/cloudevents-batch+json'
