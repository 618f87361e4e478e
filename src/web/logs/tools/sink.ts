// The destination of a download: written to disk directly if the browser allows it, otherwise kept in memory until
// complete. No file has its final name until `keep` is called.

export interface Sink {
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>
  /** Keeps the first `length` bytes of what was written. */
  keep(length: number): Promise<void>
  /** Never rejects. */
  discard(): Promise<void>
}

/** Not standardised, and not in every browser. */
interface SavePicker {
  showSaveFilePicker?(options: {
    readonly suggestedName: string
    readonly types: readonly { readonly accept: Readonly<Record<string, readonly string[]>> }[]
  }): Promise<FileSystemFileHandle & { remove?(): Promise<void> }>
}

/** `null` if the viewer cancelled. */
export async function openSink(name: string, type: string): Promise<Sink | null> {
  const { showSaveFilePicker } = window as SavePicker
  if (showSaveFilePicker === undefined) return memorySink(name, type)
  const ending = name.slice(name.lastIndexOf('.'))
  try {
    const types = [{ accept: { [type]: [ending] } }]
    const file = await showSaveFilePicker({ suggestedName: name, types })
    // The browser creates an empty file when the viewer names it.
    const made = (await file.getFile()).size === 0
    const disk = await file.createWritable()
    return {
      write: chunk => disk.write(chunk),
      async keep(length) {
        await disk.truncate(length)
        await disk.close()
      },
      async discard() {
        await disk.abort().catch(() => {})
        if (made) await file.remove?.().catch(() => {})
      },
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null
    // Forbidden here, as in a frame or by a policy of the computer.
    return memorySink(name, type)
  }
}

function memorySink(name: string, type: string): Sink {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  return {
    async write(chunk) {
      chunks.push(chunk)
    },
    async keep(length) {
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob(chunks).slice(0, length, type))
      link.download = name
      link.click()
      // By then the browser has begun to read it.
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
    },
    async discard() {
      chunks.length = 0
    },
  }
}
