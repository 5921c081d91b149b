// Vercel's `ai` with its providers for OpenAI (chat and responses) and Anthropic.

import { strict as assert } from 'node:assert'
import {
  deliveryHeaders, hello, isText, model, needsBearer, person, taken, toolDescription, toolName, toolSchema, useTheTool,
  weather, type Call, type Site
} from './call.ts'
import {
  createAnthropic, createOpenAI, generateText, isStepCount, Output, streamText, tool, type VercelModel, type VercelUsage
} from './untyped.ts'

const settingsOf = (site: Site) => ({ apiKey: site.key, baseURL: `${site.url}/v1`, headers: deliveryHeaders(site) })

function anthropicOf (site: Site) {
  const { apiKey, ...settings } = settingsOf(site)
  return createAnthropic(needsBearer(site) ? { ...settings, authToken: apiKey } : { ...settings, apiKey })
}

const of = ({ inputTokens, outputTokens }: VercelUsage): number => taken(inputTokens, outputTokens)

const tools = { [toolName]: tool({ description: toolDescription, inputSchema: toolSchema, execute: () => weather }) }
const withTools = { prompt: useTheTool, tools, stopWhen: isStepCount(3) }

type Person = { readonly name: unknown }
const object = Output.object({ schema: person })

function callsOf (name: string, modelOf: (site: Site) => VercelModel): Call[] {
  const asked = (site: Site) => ({ model: modelOf(site), maxRetries: 0, maxOutputTokens: 500 })
  return [
    [`${name}, generateText`, async site => {
      const { text, usage } = await generateText({ ...asked(site), prompt: hello })
      isText(text)
      return [of(usage)]
    }],
    [`${name}, streamText`, async site => {
      const result = streamText({ ...asked(site), prompt: hello })
      let text = ''
      for await (const part of result.textStream) text += part
      isText(text)
      return [of(await result.usage)]
    }],
    [`${name}, tools`, async site => {
      const { text, steps } = await generateText({ ...asked(site), ...withTools })
      assert.equal(steps[0]?.toolResults[0]?.output, weather)
      isText(text)
      return steps.map(({ usage }) => of(usage))
    }],
    [`${name}, tools, streamed`, async site => {
      const result = streamText({ ...asked(site), ...withTools })
      isText(await result.text)
      const steps = await result.steps
      assert.equal(steps[0]?.toolResults[0]?.output, weather)
      return steps.map(({ usage }) => of(usage))
    }],
    [`${name}, Output.object`, async site => {
      const { output, usage } = await generateText({ ...asked(site), prompt: hello, output: object })
      assert.equal(typeof (output as Person).name, 'string')
      return [of(usage)]
    }],
    [`${name}, Output.object, streamed`, async site => {
      const result = streamText({ ...asked(site), prompt: hello, output: object })
      assert.equal(typeof (await result.output as Person).name, 'string')
      return [of(await result.usage)]
    }]
  ]
}

export const vercelCalls: readonly Call[] = [
  ...callsOf('@ai-sdk/openai, chat', site => createOpenAI(settingsOf(site)).chat(model)),
  ...callsOf('@ai-sdk/openai, responses', site => createOpenAI(settingsOf(site)).responses(model)),
  ...callsOf('@ai-sdk/anthropic', site => anthropicOf(site)(model))
]
