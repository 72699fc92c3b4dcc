/** What one entry of a tar file says of itself. Folders end with `/`. */
export type TarEntry = {
  readonly path: string
  readonly type: 'file' | 'folder' | 'link'
  readonly mode: number
  readonly sizeBytes: number
  /** Seconds since 1970. */
  readonly mtime: number
  /** Empty but for a link. */
  readonly target: string
}

export const blockBytes = 512

/**
 * The entry's header blocks; what does not fit the old format goes into a pax header before it.
 * Written here and not by a library, because these bytes are the artifact's digest: an update of a
 * dependency must never change them.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block".
 */
export function tarHeader(entry: TarEntry): Buffer {
  const records = paxRecords(entry)
  if (records.length === 0) return ustar(entry, typeFlags[entry.type])
  const extended = { ...entry, path: 'PaxHeader', target: '', sizeBytes: records.length }
  return Buffer.concat([
    ustar({ ...extended, mode: 0o644 }, 'x'),
    records,
    padding(records.length),
    ustar(entry, typeFlags[entry.type]),
  ])
}

/** Zeros up to the next whole block. */
export function padding(sizeBytes: number): Buffer {
  return Buffer.alloc((blockBytes - (sizeBytes % blockBytes)) % blockBytes)
}

const typeFlags = { file: '0', link: '2', folder: '5' } as const
const nameBytes = 100
const largestSize = 0o77777777777

function paxRecords({ path, target, sizeBytes }: TarEntry): Buffer {
  return Buffer.concat([
    ...(fits(path) ? [] : [paxRecord('path', path)]),
    ...(fits(target) ? [] : [paxRecord('linkpath', target)]),
    ...(sizeBytes <= largestSize ? [] : [paxRecord('size', String(sizeBytes))]),
  ])
}

function fits(text: string): boolean {
  const length = Buffer.byteLength(text)
  return length <= nameBytes && length === text.length
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (String(length).length > String(rest).length) length += 1
  return Buffer.from(`${length} ${key}=${value}\n`)
}

function ustar(entry: TarEntry, flag: string): Buffer {
  const block = Buffer.alloc(blockBytes)
  Buffer.from(entry.path).copy(block, 0, 0, nameBytes)
  block.write(octal(entry.mode, 7), 100)
  block.write(octal(0, 7), 108)
  block.write(octal(0, 7), 116)
  block.write(octal(entry.sizeBytes <= largestSize ? entry.sizeBytes : 0, 11), 124)
  block.write(octal(entry.mtime, 11), 136)
  block.write(' '.repeat(8), 148)
  block.write(flag, 156)
  Buffer.from(entry.target).copy(block, 157, 0, nameBytes)
  block.write('ustar\x0000', 257)
  block.write(octal(0, 7), 329)
  block.write(octal(0, 7), 337)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${octal(sum, 6)}\0 `, 148)
  return block
}

function octal(value: number, digits: number): string {
  return Math.floor(value).toString(8).padStart(digits, '0')
}
