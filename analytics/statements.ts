// A migration file is many statements, and the server takes one at a time.

/** What may hold a semicolon that ends nothing: text, quoted names and comments. A quote within text may be doubled. */
const token = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|--[^\n]*|\/\*[\s\S]*?\*\/|;|[^'"`;/-]+|./g
const comment = /^(?:--|\/\*)/

/** The statements of a file in order, without the semicolons between them; what holds only comments is none. */
export function statements (sql: string): string[] {
  const found: string[] = []
  let text = ''
  let isEmpty = true
  const end = () => {
    if (!isEmpty) found.push(text.trim())
    text = ''
    isEmpty = true
  }
  for (const [part] of sql.matchAll(token)) {
    if (part === ';') {
      end()
      continue
    }
    text += part
    if (!comment.test(part) && part.trim() !== '') isEmpty = false
  }
  end()
  return found
}
