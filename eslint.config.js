// neostandard decides the looks, typescript-eslint the types. Every rule is a warning; `npm run check` allows none.
import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'
import tseslint from 'typescript-eslint'

const warn = rules => Object.fromEntries(Object.entries(rules ?? {}).map(([name, rule]) => {
  const [level, ...options] = Array.isArray(rule) ? rule : [rule]
  return [name, level === 'off' || level === 0 ? 'off' : ['warn', ...options]]
}))
const softened = configs => configs.map(config => config.rules ? { ...config, rules: warn(config.rules) } : config)

export default [
  { ignores: resolveIgnoresFromGitignore() },
  ...softened(neostandard({ ts: true })),
  ...softened(tseslint.configs.strictTypeChecked).map(config => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers and booleans in a template say what they mean; objects do not.
      '@typescript-eslint/restrict-template-expressions': ['warn', { allowNumber: true, allowBoolean: true }],
      // With noUncheckedIndexedAccess on, `!` is how a typed array says that its index was checked above.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-definitions': ['warn', 'type'],
      '@typescript-eslint/consistent-type-imports': ['warn', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['warn', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-confusing-void-expression': ['warn', { ignoreArrowShorthand: true }],
      '@stylistic/max-len': ['warn', { code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true }]
    }
  }
]
