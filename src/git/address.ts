/**
 * A remote's address for people, labels and logs: no password, and over HTTP no user either (a token
 * often stands there). Anything that is not a URL (a path, `git@host:path`) stays as it is.
 */
export function withoutCredentials(url: string): string {
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)@(.*)$/is.exec(url)
  if (!match) return url
  const [, scheme = '', userinfo = '', rest = ''] = match
  const user = userinfo.split(':')[0]
  return /^https?$/i.test(scheme) ? `${scheme}://${rest}` : `${scheme}://${user}@${rest}`
}

/** Git's own words with the credentials of every URL in them masked. */
export function maskCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s'"]*@/gi, '$1***@')
}
