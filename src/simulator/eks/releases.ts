import type { Scenario } from '../scenario/scenario.ts'

/**
 * The AMI release versions of a Kubernetes version, oldest first: what the scenario says, else two in the form of the AL2023 images
 * (awslabs/amazon-eks-ami: `1.36.2-20260714`).
 */
export function releasesOf(scenario: Scenario, version: string): readonly string[] {
  return scenario.releases?.[version] ?? [`${version}.2-20260616`, `${version}.2-20260714`]
}

export function latestRelease(scenario: Scenario, version: string): string {
  return releasesOf(scenario, version).at(-1) ?? `${version}.2-20260714`
}
