// The headers that every reply has, whatever its status.

const text = (description: string, example: string) => ({ description, required: true, schema: { type: 'string' as const }, example })

export const replyHeaders = {
  'x-request-id': text('Names the request in our log; your own is kept when it looks like ours.', 'GIkgbPVEdBDYQbcAAChF'),
  'x-ratelimit-limit': text('Requests of your address in the window; orders of yours in the market where those count.', '1200'),
  'x-ratelimit-remaining': text('How many of them are left.', '1199'),
  'x-ratelimit-reset': text('When there are as many again, in Unix seconds.', '1781524860')
}

export const replyHeaderRefs = Object.fromEntries(Object.keys(replyHeaders)
  .map(name => [name, { $ref: `#/components/headers/${name}` as const }]))
