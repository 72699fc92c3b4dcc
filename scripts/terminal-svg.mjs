// Draws what a program wrote on a terminal, as an SVG for the docs. The text is taken as it is; only
// lines that are too long are broken between words. For docs/pictures/main-job.svg:
//   tmux new-session -d -s job -x 110 -y 60 'npm start -- --exit; sleep 60'
//   tmux capture-pane -p -e -J -S -400 -t job | node scripts/terminal-svg.mjs 'npm start -- --exit'
import { text } from 'node:stream/consumers'

const COLUMNS = 108
const CHARACTER = 7.8
const LINE = 18
const MARGIN = 20
const BAR = 34
/** An ANSI colour: the escape character, then numbers and an m. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`)
/** Between words, but not between a number and its unit. */
const BREAK = /(?<= )(?=\S)(?!(?:%|s|ms)(?:\s|$))/
const LOOKS = { 1: 'bold', 2: 'dim', 31: 'bad', 32: 'good', 33: 'bad' }

const [command = ''] = process.argv.slice(2)
process.stdout.write(svgOf(command, await text(process.stdin)))

/** @param capture text with ANSI colours, as `tmux capture-pane -e -J` prints it */
function svgOf(command, capture) {
  const lines = capture.trimEnd().split('\n').map(runsOf).flatMap(wrapped)
  const rows = [[{ text: `$ ${command}`, look: 'command' }], ...lines]
  const width = Math.ceil(COLUMNS * CHARACTER) + 2 * MARGIN
  const height = rows.length * LINE + BAR + MARGIN
  const dots = [0, 1, 2].map((at) => `<circle class="dot" cx="${MARGIN + at * 18}" cy="18" r="5"/>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="The terminal after ${escaped(command)}">
<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #d7dde5; white-space: pre }
.dim { fill: #8a94a3 } .bold, .command { font-weight: 600 } .command { fill: #fff }
.good { fill: #7ccf8f } .bad { fill: #f0a35e } .dot { fill: #3b4452 }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#171c24"/>
${dots.join('')}
${rows.map(rowText).join('\n')}
</svg>
`
}

/** The length is given, so that columns stay columns in whatever font the reader has. */
function rowText(runs, at) {
  const length = runs.reduce((sum, run) => sum + [...run.text].length, 0)
  if (length === 0) return ''
  const spans = runs.map(({ text, look }) => `<tspan class="${look}">${escaped(text)}</tspan>`)
  const y = BAR + at * LINE + 13
  return `<text x="${MARGIN}" y="${y}" textLength="${(length * CHARACTER).toFixed(1)}" xml:space="preserve">${spans.join('')}</text>`
}

/** The runs of one look in a line. Signs of an outcome are coloured, so that the eye finds them. */
function runsOf(line) {
  const runs = []
  let look = 'plain'
  // Splitting by a group keeps what it found: text, colour, text, colour, …
  for (const [at, part] of line.split(COLOUR).entries()) {
    if (at % 2 === 1) look = LOOKS[part] ?? 'plain'
    else if (part !== '') runs.push({ text: part, look })
  }
  const sign = /^\s*[✓↩]/.exec(runs[0]?.text ?? '')?.[0]
  if (sign) runs[0] = { text: runs[0].text, look: sign.endsWith('✓') ? 'good' : 'bad' }
  return runs
}

/** Breaks a line between words; what follows is indented below its first word. */
function wrapped(runs) {
  const rows = [[]]
  const indent = (/^\s*/.exec(runs[0]?.text ?? '')?.[0] ?? '').length + 2
  let column = 0
  for (const { text, look } of runs) {
    for (const word of text.split(BREAK)) {
      if (column + word.trimEnd().length > COLUMNS) {
        rows.push([{ text: ' '.repeat(indent), look: 'plain' }])
        column = indent
      }
      const row = rows.at(-1)
      if (row.at(-1)?.look === look) row.at(-1).text += word
      else row.push({ text: word, look })
      column += word.length
    }
  }
  return rows
}

function escaped(value) {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
