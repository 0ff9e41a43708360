import { expect, test } from 'vitest'
import { madeBy } from './made-by.ts'

test.each([
  [{ 'aws:cloudformation:stack-name': 's' }, 'CloudFormation'],
  [{ 'aws:cloudformation:stack-name': 's', 'alpha.eksctl.io/nodegroup-name': 'g' }, 'eksctl'],
  [{ GithubRepo: 'terraform-aws-eks' }, 'Terraform'],
  [{ GithubRepo: 'infra' }, undefined],
  [{ team: 'a' }, undefined],
])('tags %j tell %s', (tags, tool) => {
  expect(madeBy(tags as unknown as Record<string, string>)).toBe(tool)
})
