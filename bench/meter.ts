// Loaded into each server that is measured (`node --import`): tells its parent what it has cost so far.

export interface Usage {
  /** Of the process with all its threads. */
  readonly cpuSeconds: number
  readonly peakBytes: number
}

process.on('message', message => {
  if (message !== 'usage') return
  const { user, system } = process.cpuUsage()
  const usage: Usage = {
    cpuSeconds: (user + system) / 1e6,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  }
  process.send?.(usage)
})
// Neither keeps a server alive that would end, nor ends one that lives.
process.channel?.unref()
