import { describe, expect, it } from 'vitest'
import type { Region } from '../region.ts'
import { ServiceError } from '../service-error.ts'
import type { Nodegroup } from '../state.ts'
import { testGroup } from '../test-group.ts'
import type { CreateNodegroupInput, UpdateNodegroupVersionInput } from './schemas.ts'
import { versionTarget } from './version-rules.ts'

/** Versions 1 and 2 differ in the AMI, 3 has none, 4 breaks a ban. */
function withTemplates(region: Region): void {
  const createdAt = region.clock.now()
  const contents = [{ ImageId: 'ami-01' }, { ImageId: 'ami-02' }, { UserData: 'x' }, { ImageId: 'ami-04', IamInstanceProfile: { Name: 'p' } }]
  const versions = contents.map((data, index) => ({ version: index + 1, createdAt, data: { InstanceType: 'm6i.4xlarge', ...data } }))
  for (const name of ['own', 'other']) region.launchTemplates.set(`lt-0${name}`, { id: `lt-0${name}`, name, tags: {}, versions, defaultVersion: 1 })
}

const plain: Partial<CreateNodegroupInput> = { instanceTypes: ['m6i.4xlarge'] }
const custom: Partial<CreateNodegroupInput> = { launchTemplate: { name: 'own', version: '1' } }

interface Case {
  readonly group?: Partial<CreateNodegroupInput>
  readonly before?: (nodegroup: Nodegroup) => void
  readonly ask: Partial<UpdateNodegroupVersionInput>
  readonly answer: object
}

const cases: Readonly<Record<string, Case>> = {
  'nothing named is the newest release of the same version': { ask: {}, answer: { version: '1.36', releaseVersion: '1.36.2-20260714' } },
  'a version newer than the cluster is refused': { ask: { version: '1.37' }, answer: { message: expect.stringContaining('cannot be newer than the cluster') } },
  'a version older than the group is refused': {
    ask: { version: '1.35' },
    answer: { message: expect.stringContaining('cannot be rolled back to 1.35') },
  },
  'an older group goes up to the cluster, over several versions': {
    before: (nodegroup) => Object.assign(nodegroup, { version: '1.34', releaseVersion: '1.34.2-20260714' }),
    ask: { version: '1.36' },
    answer: { version: '1.36', releaseVersion: '1.36.2-20260714' },
  },
  'an older group keeps its version when none is named': {
    before: (nodegroup) => Object.assign(nodegroup, { version: '1.35', releaseVersion: '1.35.2-20260616' }),
    ask: {},
    answer: { version: '1.35', releaseVersion: '1.35.2-20260714' },
  },
  'a release of another version is refused': {
    ask: { releaseVersion: '1.35.2-20260714' },
    answer: { message: 'Requested release version 1.35.2-20260714 is not valid for kubernetes version 1.36.' },
  },
  'an older release is refused': { ask: { releaseVersion: '1.36.2-20260616' }, answer: { message: expect.stringContaining('cannot be rolled back') } },
  'a group without a template cannot get one': {
    ask: { launchTemplate: { name: 'own', version: '3' } },
    answer: { message: expect.stringContaining('created without one') },
  },
  'a custom AMI needs a template': {
    group: custom,
    ask: {},
    answer: { message: "Launch template details can't be null for Custom ami type node group" },
  },
  'a custom AMI takes no version': {
    group: custom,
    ask: { version: '1.36', launchTemplate: { name: 'own', version: '2' } },
    answer: { message: 'You cannot specify the field kubernetesVersion when using custom AMIs.' },
  },
  'a custom AMI takes no release version': {
    group: custom,
    ask: { releaseVersion: '1.36.2-20260714', launchTemplate: { name: 'own', version: '2' } },
    answer: { message: 'You cannot specify the field releaseVersion when using custom AMIs.' },
  },
  'a new template version brings its AMI, which is shown as the release': {
    group: custom,
    ask: { launchTemplate: { name: 'own', version: '2' } },
    answer: { releaseVersion: 'ami-02', imageId: 'ami-02', launchTemplate: { id: 'lt-0own', name: 'own', version: '2' } },
  },
  'another template is refused': {
    group: custom,
    ask: { launchTemplate: { name: 'other', version: '2' } },
    answer: { message: expect.stringContaining('cannot change the launch template') },
  },
  'a template cannot cease to bring an AMI': {
    group: custom,
    ask: { launchTemplate: { name: 'own', version: '3' } },
    answer: { message: expect.stringContaining('cannot change the AMI type') },
  },
  'the bans hold for a new version': {
    group: custom,
    ask: { launchTemplate: { name: 'own', version: '4' } },
    answer: { message: expect.stringContaining('instance profile') },
  },
  'an unknown template version is refused': {
    group: custom,
    ask: { launchTemplate: { name: 'own', version: '9' } },
    answer: { message: 'Launch template version 9 does not exist.' },
  },
  'bad health stops it': {
    before: (nodegroup) => {
      nodegroup.healthIssues = [{ code: 'IamNodeRoleNotFound', message: '', resourceIds: [] }]
    },
    ask: {},
    answer: { code: 'InvalidRequestException', message: expect.stringContaining('Nodegroup health has issues other than') },
  },
  'a capacity shortage does not': {
    before: (nodegroup) => {
      nodegroup.healthIssues = [{ code: 'AsgInstanceLaunchFailures', message: '', resourceIds: [] }]
    },
    ask: {},
    answer: { version: '1.36' },
  },
}

describe('versionTarget', () => {
  it.each(Object.entries(cases))('%s', (_sentence, { group = plain, before, ask, answer }) => {
    const { region, cluster, nodegroup } = testGroup(0, { input: group, prepare: withTemplates })
    before?.(nodegroup)
    const result = versionTarget(region, cluster, nodegroup, { clusterName: 'demo', nodegroupName: 'workers', ...ask })
    expect(result instanceof ServiceError ? { code: result.code, message: result.message } : result).toMatchObject(answer)
  })
})
