// The headers of answers to requests for inference.

const text = (description: string, example: string, required = false) =>
  ({ description, required, schema: { type: 'string' as const }, example })

const always = {
  'x-grid-request-id': text('Names the request: its receipt is at /v1/usage/{request_id}.', 'req_1b5wQ', true)
}

const answering = {
  'x-grid-ignored': text('What of the request had no effect, by its names.', 'user, metadata'),
  traceparent: text('As it was sent, or a new one.', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
  'x-ratelimit-limit-requests': text('Of your account, a minute.', '600'),
  'x-ratelimit-remaining-requests': text('How many of them are left.', '599'),
  'x-ratelimit-reset-requests': text('When there are as many again, from now.', '60s'),
  'x-ratelimit-limit-tokens': text('Of your account, a minute.', '2000000'),
  'x-ratelimit-remaining-tokens': text('How many of them are left.', '1999000'),
  'x-ratelimit-reset-tokens': text('When there are as many again, from now.', '60s')
}

const retrying = {
  'retry-after': text('Seconds after which it may go well.', '1'),
  'x-should-retry': text('Whether it may go well at all without a change.', 'false')
}

const redirecting = {
  location: text('Where to send the same request again: on this host, or at the supplier\'s edge. Its token is good for a minute.',
    'https://api.example.com/r/v1/chat/completions?token=…', true)
}

export const inferenceHeaders = { ...always, ...answering, ...retrying, ...redirecting }

const refs = (headers: object) =>
  Object.fromEntries(Object.keys(headers).map(name => [name, { $ref: `#/components/headers/${name}` as const }]))

export const headerRefs = refs(always)
export const answerRefs = refs({ ...always, ...answering })
export const retryRefs = refs(retrying)
export const redirectRefs = refs({ ...always, ...redirecting })
