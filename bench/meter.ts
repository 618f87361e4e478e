// Loaded into each server that is measured (`node --import`): reports its CPU time and memory to the parent process.

export interface Usage {
  /** Of all threads of the process. */
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
// The channel to the parent does not keep a server alive that would otherwise exit.
process.channel?.unref()
