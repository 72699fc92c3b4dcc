export type Identity = { readonly name: string; readonly email: string }

/**
 * Who a commit is by, from how Slipway names an actor: `ada@example.com`, `Ada <ada@example.com>`
 * or a word such as `slipway` (its address is then `slipway@localhost`). Never empty, which git refuses.
 */
export function identityOf(actor: string): Identity {
  const named = /^([^<]*)<([^>]*)>/.exec(actor)
  const email = plain(named?.[2] ?? (actor.includes('@') ? actor : ''))
  const name = plain(named?.[1] ?? '') || email.split('@')[0] || plain(actor) || 'unknown'
  return { name, email: email || `${name.replaceAll(' ', '.')}@localhost` }
}

function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git refuses them in a name
  return text.replace(/[\u0000-\u001f<>]/g, ' ').trim()
}
