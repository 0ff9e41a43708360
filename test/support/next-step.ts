const verbs =
  'add|adopt|allow|apply|ask|bind|change|check|choose|correct|create|delete|drain|free|get|give|install|leave|let|look|lower|make|mend|name|narrow|offer|put|raise|release|remove|see|set|solve|take|use|wait|waits|write'

const steps = new RegExp(
  [
    // An imperative at the beginning of a clause; where it waits for something that is named, that is a step too.
    `(?:^|[:;,.(] ?|\\b(?:or|and|then) )(?:${verbs})\\b`,
    '\\bkubectl [a-z]',
    'tidegate\\.io/[a-z-]+=',
    '\\baws [a-z-]+ [a-z-]+',
    'administrator (?:adds|sets)',
    'must trust',
    'tried again',
  ].join('|'),
  'i',
)

/** Whether a message tells a person what to do (P8): told by its words, so that one which only says what is wrong is found. */
export function namesNextStep(message: string): boolean {
  return steps.test(message)
}
