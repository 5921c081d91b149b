// Tests of the test: each rule of the runtime's README, taken out of the product's own text. The simulation has to find
// every one; a rule that can be removed unseen is no rule, or the simulation is blind to it.

export type Mutant = {
  /** As numbered in pipelines/runtime/README.md. */
  readonly rule: string
  readonly what: string
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
  /** Found by this harm, which has to end in a stop, instead of by ordinary histories. */
  readonly harm?: string
}

const runtime = (name: string): string => `pipelines/runtime/${name}.ts`

export const mutants: readonly Mutant[] = [
  {
    rule: 'R1',
    what: 'a record is applied again',
    file: runtime('origin'),
    find: "if (origin.sequence <= last) return 'seen'",
    replace: "if (origin.sequence <= last) return 'new'"
  },
  {
    rule: 'R2',
    what: 'a gap in sequences is passed over',
    file: runtime('origin'),
    find: "if (origin.sequence > last + 1) return 'gap'",
    replace: '',
    harm: 'a lost record'
  },
  {
    rule: 'R3',
    what: 'what has been applied is committed, sent or not',
    file: runtime('leader'),
    find: 'tail[this.#first()]?.offset ?? machine.next',
    replace: 'tail.length < 0 ? 0 : machine.next'
  },
  {
    rule: 'R4',
    what: 'a send is not waited for',
    file: runtime('leader'),
    find: 'await this.#options.log.send(records)',
    replace: 'this.#options.log.send(records).catch(() => {})'
  },
  {
    rule: 'R5',
    what: 'a partition that was lost is led on',
    file: runtime('host'),
    find: '!this.#closed && this.#assignment.generation === generation',
    replace: '!this.#closed && generation >= 0'
  },
  {
    rule: 'R6',
    what: 'a snapshot is published before its offset is committed',
    file: runtime('leader'),
    find: 'captured[0].frame.next <= this.#committed',
    replace: 'captured[0].frame.next >= 0'
  },
  {
    rule: 'R7',
    what: 'a snapshot is restored whatever its bytes are',
    file: runtime('snapshot'),
    find: 'return digest(parts) === manifest.sha256 ? parts : undefined',
    replace: 'return parts'
  },
  {
    rule: 'R8',
    what: 'only the newest snapshot is kept',
    file: runtime('snapshot'),
    find: 'const second = sets.secondNewest() // R8',
    replace: 'const second = [...sets.valid()][0]?.frame.next'
  },
  {
    rule: 'R9',
    what: 'the log is trimmed up to the newest snapshot',
    file: runtime('janitor'),
    find: 'const second = (await snapshots.sets()).secondNewest()',
    replace: 'const second = [...(await snapshots.sets()).valid()][0]?.frame.next'
  },
  {
    rule: 'R10',
    what: 'an offset that is not the next is taken',
    file: runtime('machine'),
    find: 'if (record.offset !== this.next)',
    replace: 'if (record.offset < this.next)',
    harm: 'a reader that jumps'
  },
  {
    rule: 'R11',
    what: 'a log that ends below its snapshot is followed',
    file: runtime('replica'),
    find: 'if (end < from)',
    replace: 'if (end < 0)',
    harm: 'a log cut short'
  },
  {
    rule: 'R12',
    what: 'hashes are not compared',
    file: runtime('replica'),
    find: 'if (hash === expected) return',
    replace: 'if (hash !== undefined) return',
    harm: 'a flipped bit'
  },
  {
    rule: 'R13',
    what: 'a command that is repeated is applied again',
    file: runtime('machine'),
    find: "if (!hasOrigin && !this.#seen.see(tag)) return 'duplicate'",
    replace: 'if (!hasOrigin) this.#seen.see(tag)'
  },
  {
    rule: 'R14',
    what: 'a late command takes effect',
    file: runtime('machine'),
    find: 'tag.validUntil < this.#clock.now // R14',
    replace: 'tag.validUntil < 0'
  },
  {
    rule: 'R15',
    what: 'any clock leads',
    file: runtime('stage-clock'),
    find: 'if (Math.abs(sentAt - appended) > clockToleranceMs) return false',
    replace: ''
  },
  {
    rule: 'R16',
    what: 'append time is believed however far ahead it is',
    file: runtime('stage-clock'),
    find: 'Math.min(appended, this.#led + clockLeadMs)',
    replace: 'appended'
  },
  {
    rule: 'R17',
    what: 'time may go back',
    file: runtime('stage-clock'),
    find: 'if (latest > this.#now) this.#now = latest as Instant',
    replace: 'this.#now = latest as Instant'
  },
  {
    rule: 'R18',
    what: 'what nobody vouches for is applied',
    file: runtime('machine'),
    find: "if (!hasOrigin) return this.#deadLetter(record, 'no_identity', 'neither an origin nor a command header')",
    replace: ''
  },
  {
    rule: 'R19',
    what: 'what can not be decoded stops the stage',
    file: runtime('machine'),
    find: 'if (!(error instanceof Undecodable)) throw error',
    replace: 'if (error !== undefined) throw error'
  },
  {
    rule: 'R20',
    what: 'a version of the future is applied',
    file: runtime('machine'),
    find: 'if (activation.version > this.#options.stage.version)',
    replace: 'if (activation.version < 0)',
    harm: 'a version from the future'
  },
  {
    rule: 'R21',
    what: 'a replica drops what was not committed yet',
    file: runtime('replica'),
    find: 'if (!(committed > this.tailFrom)) return',
    replace: 'committed = Math.max(committed, this.machine.next - 3)'
  },
  {
    rule: 'R22',
    what: 'marks are not part of the state',
    file: runtime('machine'),
    find: 'marks: this.#marks.entries()',
    replace: 'marks: []'
  },
  {
    rule: 'R23',
    what: 'sequences are not part of the state',
    file: runtime('machine'),
    find: 'emitted: [...this.#emitted].sort(([a], [b]) => a < b ? -1 : 1)',
    replace: 'emitted: []'
  },
  {
    rule: 'R24',
    what: 'seen ids are not part of the state',
    file: runtime('machine'),
    find: 'seen: this.#seen.entries()',
    replace: 'seen: []'
  },
  {
    rule: 'R25',
    what: 'a record of a kind that belongs elsewhere is applied',
    file: runtime('machine'),
    find: 'if (!this.#kinds.has(command.kind)) return',
    replace: 'if (command.kind === undefined) return'
  }
]
