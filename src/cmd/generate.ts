import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { renderIamPolicy } from '../aws/iam-policy.ts'
import { controllers } from '../controllers/index.ts'
import { kinds } from '../crds/index.ts'
import { lintKind } from '../crds/lint.ts'
import { generatedFiles } from './generate/files.ts'

/** Writes everything that is derived. `npm run verify` runs it and then demands a clean tree. */
const findings = kinds.flatMap(lintKind)
if (findings.length > 0) throw new Error(`the kinds break our conventions:\n${findings.join('\n')}`)

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
for (const [path, content] of generatedFiles({ kinds, holders: controllers, iamPolicy: renderIamPolicy(), read })) {
  if (read(path) === content) continue
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
