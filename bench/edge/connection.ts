import { connect, type Socket } from 'node:net'

/** Told how a request ended; null: with a whole answer of status 200. */
export type Done = (failure: string | null) => void

/** One kept connection of a client that does as little as it can: one request at a time, no retry. */
export class Connection {
  isOpen = true
  readonly #socket: Socket
  readonly #onClose: (connection: Connection) => void
  #text = ''
  #done: Done | null = null

  constructor(port: number, onClose: (connection: Connection) => void) {
    this.#onClose = onClose
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => this.#read(text))
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#end(error.code ?? 'error'))
    this.#socket.on('end', () => this.#end('closed without an answer'))
  }

  send(request: string, done: Done): void {
    this.#done = done
    this.#socket.write(request, 'latin1')
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #read(text: string): void {
    this.#text += text
    const head = this.#text.indexOf('\r\n\r\n')
    if (head < 0) return
    const [, length] = /\r\ncontent-length: *(\d+)/i.exec(this.#text.slice(0, head + 2)) ?? []
    if (length === undefined) {
      this.#end('an answer without length')
      return
    }
    if (this.#text.length < head + 4 + Number(length)) return
    const status = this.#text.slice(9, 12)
    const isLast = /\r\nconnection: *close/i.test(this.#text.slice(0, head + 2))
    this.#text = ''
    const done = this.#done
    this.#done = null
    if (isLast) this.#end('closed')
    done?.(status === '200' ? null : `status ${status}`)
  }

  #end(reason: string): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.#socket.destroy()
    this.#onClose(this)
    const done = this.#done
    this.#done = null
    done?.(reason)
  }
}
