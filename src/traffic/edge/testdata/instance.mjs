// A real instance in a process of its own: answers reads and writes, tells its port on stdout.
import { createServer } from 'node:http'

const server = createServer((req, res) => {
  let length = 0
  req.on('data', (chunk) => {
    length += chunk.length
  })
  req.on('end', () => setTimeout(() => res.end(`${req.method} ${length}`), Math.random() * 4))
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
