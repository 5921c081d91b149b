// Tools that the client runs itself, whose schemas the vendor's own models know without being told: bash, text editor,
// memory. Here they are functions under the name the client gave them, their published schemas with them.

import type { Json, JsonObject } from '../surface.ts'

type Kind = { readonly description: string, readonly parameters: JsonObject }

const text = (description: string): JsonObject => ({ type: 'string', description })
const range: JsonObject = {
  type: 'array', items: { type: 'integer' }, description: 'Of `view`: the first line and the last one; -1: to the end.'
}
const commands = (...words: string[]): JsonObject => ({ type: 'string', enum: words })
const object = (properties: JsonObject, required: readonly string[]): JsonObject => ({ type: 'object', properties, required })

const bash: Kind = {
  description: 'Runs commands in a shell that lives on between calls.',
  parameters: object({ command: text('What to run.'), restart: { type: 'boolean', description: 'True: a new shell, and no command.' } }, [])
}

const files = {
  path: text('The absolute path of a file or folder.'),
  file_text: text('Of `create`: all that the file is to have.'),
  old_str: text('Of `str_replace`: what is there, once and exactly so.'),
  new_str: text('Of `str_replace`: what is to be there instead.'),
  insert_line: { type: 'integer', description: 'Of `insert`: the line after which; 0: at the beginning.' },
  view_range: range
}

/** Earlier ones could take an edit back, and had the text of an insertion under another name. */
function editor (version: number): Kind {
  const words = ['view', 'create', 'str_replace', 'insert', ...(version < 20250429 ? ['undo_edit'] : [])]
  const inserted = version < 20250728
    ? { new_str: text('Of `str_replace`: what is to be there instead. Of `insert`: the text.') }
    : { insert_text: text('Of `insert`: the text.') }
  return {
    description: 'Shows, creates and edits files.',
    parameters: object({ command: commands(...words), ...files, ...inserted }, ['command', 'path'])
  }
}

const memory: Kind = {
  description: 'Keeps files under /memories from one conversation to the next. Look there before anything else.',
  parameters: object({
    command: commands('view', 'create', 'str_replace', 'insert', 'delete', 'rename'),
    ...files,
    insert_text: text('Of `insert`: the text.'),
    old_path: text('Of `rename`: from.'),
    new_path: text('Of `rename`: to.')
  }, ['command'])
}

/** Of a tool's type; null: it is none of these. */
export function clientTool (type: Json | undefined): Kind | null {
  const [, kind, version] = /^(bash|text_editor|memory)_(\d{8})$/.exec(typeof type === 'string' ? type : '') ?? []
  switch (kind) {
    case 'bash': return bash
    case 'text_editor': return editor(Number(version))
    case 'memory': return memory
    default: return null
  }
}
