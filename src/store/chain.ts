import { createHash } from 'node:crypto'

/** What an event's hash is taken of. `data` and `state` are canonical JSON, as they are stored. */
export type Link = {
  readonly seq: number
  readonly at: number
  readonly type: string
  readonly kind: string
  readonly id: string
  readonly actor: string
  readonly data: string
  /** Null: the event says nothing of the state; the text `null`: the subject is gone. */
  readonly state: string | null
}

/** The hash before the first event: 64 zeros. */
export const genesisHash = '0'.repeat(64)

/**
 * sha256, in lower-case hex, over the previous hash, a line feed, and the event's canonical JSON
 * (the members of Link in order of name; `state` only where there is one).
 * It is taken of the stored text and not of parsed values, so that no change of a byte goes unseen.
 */
export function linkHash(previousHash: string, link: Link): string {
  const text = JSON.stringify
  const state = link.state === null ? '' : `"state":${link.state},`
  return createHash('sha256')
    .update(previousHash)
    .update('\n')
    .update(
      `{"actor":${text(link.actor)},"at":${link.at},"data":${link.data},"id":${text(link.id)},` +
        `"kind":${text(link.kind)},"seq":${link.seq},${state}"type":${text(link.type)}}`,
    )
    .digest('hex')
}
