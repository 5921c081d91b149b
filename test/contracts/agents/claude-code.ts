// Claude Code, on Messages.

import { join } from 'node:path'
import type { Program } from './program.ts'

export const claudeCode: Program = {
  name: 'claude',
  package: '@anthropic-ai/claude-code',
  version: '2.1.197',
  command: 'claude',
  models: ['text-prime', null],
  launch: async ({ url, key, delivery, model, prompt }) => await Promise.resolve({
    args: [
      '-p', '--output-format', 'json', '--allowed-tools=Bash,Read,Write', ...model === null ? [] : ['--model', model], prompt
    ],
    env: {
      ANTHROPIC_BASE_URL: url,
      // A bearer, or an `x-api-key`, which is not taken where it would follow to a supplier.
      ...delivery === 'supplier' ? { ANTHROPIC_AUTH_TOKEN: key } : { ANTHROPIC_API_KEY: key },
      ANTHROPIC_CUSTOM_HEADERS: `x-grid-delivery: ${delivery}`,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1'
    }
  }),
  call (step, _heard, { dir, word }) {
    switch (step) {
      case 0: return { name: 'Read', input: { file_path: join(dir, 'word.txt') } }
      case 1: return { name: 'Write', input: { file_path: join(dir, 'copy.txt'), content: `${word}\n` } }
      default: return { name: 'Bash', input: { command: 'cat copy.txt', description: 'Shows the copy' } }
    }
  },
  finalText: stdout => (JSON.parse(stdout) as { readonly result: string }).result,
  aside: { prompt: '/context', asks: 'POST /v1/messages/count_tokens?beta' }
}
