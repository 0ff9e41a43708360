/**
 * Why EKS would refuse to bring a group to this Kubernetes version, in words, and what people can do; `undefined` where it would not, as far as the versions
 * are known. Pure. It takes none beyond that of the cluster, and none older than the group's own ("You cannot roll back", EKS user guide).
 */
export function barredVersion(
  wanted: string,
  { group, cluster }: { readonly group: string | undefined; readonly cluster: string | undefined },
): string | undefined {
  if (isOlder(cluster, wanted))
    return `EKS takes no node group beyond the version of its cluster, which has ${cluster}: update the cluster to ${wanted} first, and this goes on by itself, or set spec.version to ${cluster}`
  if (isOlder(wanted, group))
    return `EKS brings no node group back to an older version, and this one has ${group}: set spec.version to ${group}, or leave it out`
  return undefined
}

function isOlder(one: string | undefined, other: string | undefined): boolean {
  const [first, second] = [rankOf(one), rankOf(other)]
  return first !== undefined && second !== undefined && first < second
}

/** A minor version, such as `1.36`, as a number that can be compared. AWS and people may say anything. */
function rankOf(version: string | undefined): number | undefined {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,3})$/.exec(version ?? '') ?? []
  return major === undefined || minor === undefined ? undefined : Number(major) * 1_000 + Number(minor)
}
