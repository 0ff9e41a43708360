// Prints which tests of a report of vitest failed, with why, and the counts; ends with 1 when anything failed.
// usage: summary.mjs <report.json> <how many commands failed>
import { readFileSync } from 'node:fs'

const [, , path, commands] = process.argv
const commandsFailed = Number(commands)

function read() {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    console.log(`no report of the tests: ${error.message}`)
    return { numPassedTests: 0, numFailedTests: 1, testResults: [] }
  }
}

const names = []

function tell(name, why) {
  names.push(name)
  console.log(`FAILED ${name}\n    ${why}`)
}

/** So much of a failure as tells what it was. */
function excerpt(message) {
  return message.split('\n').slice(0, 12).join('\n    ')
}

const { numPassedTests, numFailedTests, testResults } = read()
for (const { name, status, message, assertionResults } of testResults) {
  const broken = assertionResults.filter((test) => test.status === 'failed')
  for (const { fullName, failureMessages } of broken) tell(`${name}\n  ${fullName}`, failureMessages.map(excerpt).join('\n    '))
  if (status === 'failed' && broken.length === 0) tell(name, excerpt(message))
}
// Once more without the reasons: where one failure led to others, the first of them may be far above, or cut off.
if (names.length > 1) console.log(`all that failed:\n${names.join('\n')}`)
const failed = Math.max(numFailedTests, commandsFailed)
console.log(`${numPassedTests} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
