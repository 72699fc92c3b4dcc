/** What splits requests between the instances of two versions, `a` and `b`. */
export interface ReverseProxy {
  readonly name: string
  readonly port: number
  readonly pid: number
  /** Gives a slot an instance that takes requests from now on. */
  add(slot: number, port: number): Promise<void>
  /** The slot's instance gets no new request. */
  drain(slot: number): Promise<void>
  /** Requests that the slot's instance is answering. */
  inFlight(slot: number): Promise<number>
  /** Forgets the slot's instance. */
  remove(slot: number): Promise<void>
  /** Share of requests that version `b` gets, in percent. */
  setShare(percent: number): Promise<void>
}
