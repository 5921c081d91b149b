// The fake payment processor, for several gateways on machines without a real one:
// node gateway/credit/fake/main.ts [FILE]; PORT says where it listens on the loopback, 4242 unless it does.

import { fakeProcessorServer } from './server.ts'
import { FakeProcessor } from './processor.ts'

const file = process.argv[2] ?? null
const port = Number(process.env['PORT'] ?? 4242)
const server = fakeProcessorServer(new FakeProcessor({ file, now: () => Date.now() }))
server.listen(port, '127.0.0.1', () => {
  console.log(`A FAKE payment processor, which takes no money, listens at ${JSON.stringify(server.address())}.`)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { server.close() })
