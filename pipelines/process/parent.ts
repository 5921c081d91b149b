// The end of whoever started this process, where that is a process that listens: nobody would ever stop it then.

/** Ends with it, also where it has gone already: while modules were loaded, nobody was told. */
export function endWithParent (): void {
  if (process.send !== undefined && !process.connected) process.exit(1)
  process.once('disconnect', () => process.exit(1))
  // Listening must not be what keeps a process alive that has ended its work.
  process.channel?.unref()
}
