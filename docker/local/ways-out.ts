// What a person is told when this machine lacks something the local stack needs.

export type Lack = { problem: string, install: string[], variables: string[] }

/** The problem, and the three ways out of it. */
export function waysOut ({ problem, install, variables }: Lack): string {
  return [
    problem,
    '',
    'Any one of these helps:',
    '  1. Install what is missing:',
    ...install.map(line => `       ${line}`),
    '  2. Run the parts in containers:',
    '       docker compose -f docker/compose.yml up',
    '  3. Use servers of your own, by setting their addresses and credentials:',
    `       ${variables.join(' ')}`,
    '',
    'docker/README.md says more about each.'
  ].join('\n')
}
