import { expect, test } from 'vitest'
import { readMigrations } from '../../analytics/migrate.ts'
import { statements } from '../../analytics/statements.ts'

test('are parted by semicolons', () => {
  expect(statements('SELECT 1;\nSELECT 2;')).toEqual(['SELECT 1', 'SELECT 2'])
  expect(statements('SELECT 1;;\n;SELECT 2')).toEqual(['SELECT 1', 'SELECT 2'])
  expect(statements('')).toEqual([])
})

test('a semicolon in text, names and comments parts nothing', () => {
  for (const one of [
    "SELECT 'a;b'", "SELECT 'it''s; so'", "SELECT 'it\\'s; so'", 'SELECT "a;b"', 'SELECT `a;b`', 'SELECT 1 -- a; b\n + 2', 'SELECT /* a;\n b */ 1',
    "SELECT '--', 1", "SELECT '/*', 1, '*/'", 'SELECT 3 - -1 / 2'
  ]) {
    expect(statements(`${one};\n${one}`)).toEqual([one, one])
  }
})

test('comments alone are no statement', () => {
  expect(statements('-- what; this\n/* is; for */\n')).toEqual([])
  expect(statements('-- first\nSELECT 1;\n-- and then nothing;\n')).toEqual(['-- first\nSELECT 1'])
})

/** What may be done twice: a table or a view that is there stays, columns that are there stay, a view is made anew. */
const repeatable = [
  /^CREATE (TABLE|VIEW) IF NOT EXISTS \w+ \{on_cluster\}/m,
  /^ALTER (TABLE) \w+ \{on_cluster\}(?:\s+ADD COLUMN IF NOT EXISTS [^,]+(?:'[^']*')?,?)+$/m,
  /^CREATE OR REPLACE (VIEW) \w+ \{on_cluster\}/m
]
const kindOf = (statement: string): string | undefined =>
  repeatable.map(pattern => pattern.exec(statement)?.[1]).find(kind => kind !== undefined)

test('our migrations are a table, made or widened, and its views each', async () => {
  for (const migration of await readMigrations()) {
    const [first, ...views] = statements(migration.sql).map(kindOf)
    expect([first, ...new Set(views)], migration.name).toEqual(['TABLE', 'VIEW'])
    expect(statements(migration.check), migration.name).toHaveLength(1)
  }
})
