// npm's solc, kept warm: a line of standard-JSON input in, a line of its output out. Half of a lone
// compilation is the start of the compiler itself.
'use strict'

const path = require('node:path')
const readline = require('node:readline')

const solc = require(path.resolve(__dirname, '..', '..', 'node_modules', 'solc'))

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(JSON.stringify(JSON.parse(solc.compile(line))) + '\n')
})
