import { expect, test } from 'vitest'
import { madeBy } from './made-by.ts'

test.each([
  [{ 'aws:cloudformation:stack-name': 's' }, 'CloudFormation'],
  [{ 'aws:cloudformation:stack-name': 's', 'alpha.eksctl.io/nodegroup-name': 'g' }, 'eksctl'],
  [{ GithubRepo: 'terraform-aws-eks' }, 'Terraform'],
  [{ GithubRepo: 'infra' }, undefined],
  [{ ManagedBy: 'Terraform' }, 'Terraform'],
  [{ 'managed-by': 'terraform' }, 'Terraform'],
  [{ managed_by: 'TERRAFORM' }, 'Terraform'],
  [{ managedby: 'terraform' }, 'Terraform'],
  [{ Terraform: 'true' }, 'Terraform'],
  [{ terraform: 'True' }, 'Terraform'],
  [{ 'aws:cloudformation:stack-name': 's', ManagedBy: 'terraform' }, 'Terraform'],
  [{ 'alpha.eksctl.io/nodegroup-name': 'g', ManagedBy: 'terraform' }, 'eksctl'],
  [{ Terraform: 'false' }, undefined],
  [{ ManagedBy: 'platform team' }, undefined],
  [{ ManagedBy: 'terraform haters' }, undefined],
  [{ 'not-managed-by': 'terraform' }, undefined],
  [{ team: 'a' }, undefined],
])('tags %j tell %s', (tags, tool) => {
  expect(madeBy(tags as unknown as Record<string, string>)).toBe(tool)
})
