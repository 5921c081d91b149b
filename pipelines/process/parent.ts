// The end of whoever started this process, where that is a process that listens: nobody would ever stop it then.

/** Ends with it, also where it has gone already: while modules were loaded, nobody was told. */
export function endWithParent (): void {
  if (process.send !== undefined && !process.connected) end()
  process.once('disconnect', end)
  // Listening must not be what keeps a process alive that has ended its work.
  process.channel?.unref()
}

/** As a crash would: on exit the logger tries for ever to write its last lines, and nobody reads them any more. */
function end (): void {
  process.kill(process.pid, 'SIGKILL')
}
