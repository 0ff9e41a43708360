/** Tags that other tools leave. CloudFormation's are reserved by AWS; eksctl's and Terraform's are their own conventions. */
const marks: readonly { readonly key: string; readonly value: RegExp; readonly tool: string }[] = [
  { key: 'aws:cloudformation:stack-name', value: /./, tool: 'CloudFormation' },
  { key: 'alpha.eksctl.io/nodegroup-name', value: /./, tool: 'eksctl' },
  { key: 'GithubRepo', value: /terraform/, tool: 'Terraform' },
  { key: 'karpenter.sh/nodepool', value: /./, tool: 'Karpenter' },
]

/** Which tool made a resource, as far as its tags say; such a tool may change or delete it again. */
export function madeBy(tags: Readonly<Record<string, string>>): string | undefined {
  // eksctl works through CloudFormation, so its own mark says more
  const found = marks.filter(({ key, value }) => value.test(tags[key] ?? ''))
  return (found.find(({ tool }) => tool !== 'CloudFormation') ?? found[0])?.tool
}
