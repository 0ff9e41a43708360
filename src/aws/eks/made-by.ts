interface Trace {
  readonly key: RegExp
  readonly value: RegExp
  readonly tool: string
}

/**
 * Tags that other tools leave. CloudFormation's are reserved by AWS; eksctl's and Karpenter's are their own conventions. Terraform leaves none of its own: it is
 * known only where people tag what it makes, most often by `default_tags` of its AWS provider, in one of the usual spellings.
 */
const traces: readonly Trace[] = [
  { key: /^aws:cloudformation:stack-name$/, value: /./, tool: 'CloudFormation' },
  { key: /^alpha\.eksctl\.io\/nodegroup-name$/, value: /./, tool: 'eksctl' },
  { key: /^managed[-_]?by$/i, value: /^terraform$/i, tool: 'Terraform' },
  { key: /^terraform$/i, value: /^true$/i, tool: 'Terraform' },
  // As in the examples of the module terraform-aws-eks.
  { key: /^GithubRepo$/, value: /terraform/, tool: 'Terraform' },
  { key: /^karpenter\.sh\/nodepool$/, value: /./, tool: 'Karpenter' },
]

/** Which tool made a resource, as far as its tags say; such a tool may change or delete it again. */
export function madeBy(tags: Readonly<Record<string, string>>): string | undefined {
  const all = Object.entries(tags)
  const found = traces.filter(({ key, value }) => all.some(([tag, content]) => key.test(tag) && value.test(content)))
  // eksctl works through CloudFormation, so its own mark says more
  return (found.find(({ tool }) => tool !== 'CloudFormation') ?? found[0])?.tool
}
