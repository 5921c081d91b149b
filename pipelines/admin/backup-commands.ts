import type { Command } from 'commander'
import { backUp } from '../backup/backup.ts'
import type { Manifest } from '../backup/manifest.ts'
import { restore } from '../backup/restore.ts'
import { topology } from '../topology.ts'
import type { Run, Said } from './run.ts'

const progress = (line: string): void => { console.error(line) }

const said = ({ takenAt, partitions }: Manifest, what: string): Said =>
  ({ text: `${what}: ${partitions.length} partitions, as of ${takenAt}`, json: { takenAt, partitions: partitions.length } })

export function backupCommands (program: Command, run: Run): void {
  program.command('backup').description('Copies the whole market out of the cluster, while it runs.')
    .argument('<dir>', 'a folder that is made, or is empty')
    .action((dir: string) => run.with(async ({ log, config: { registry, topicPrefix } }) => said(
      await backUp({ log, registry, topicPrefix, stages: topology, dir, takenAt: new Date(), progress }), 'backed up'
    ), { isLong: true }))
  program.command('restore').description('Makes a market of a backup, in a cluster and a registry that have none.')
    .argument('<dir>', 'the folder of the backup')
    .action((dir: string) => run.without(async ({ kafka, log, config }) => {
      const { registry, topicPrefix, kafka: { replicationFactor } } = config
      return said(await restore({ dir, kafka, log, registry, topicPrefix, replicationFactor, progress }), 'restored')
    }))
}
