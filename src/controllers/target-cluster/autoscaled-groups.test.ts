import { expect, test } from 'vitest'
import { type AutoscalerStatus, autoscaledGroups } from './autoscaled-groups.ts'

const now = new Date('2026-11-21T06:00:00Z')

const yaml = `time: "2026-11-21 05:59:50.546750398 +0000 UTC"
autoscalerStatus: Running
clusterWide:
  health:
    status: Healthy
nodeGroups:
- name: eks-workers-1
  health:
    status: Healthy
    cloudProviderTarget: 2
- name: eks-gpus-2
`

const text = `Cluster-autoscaler status at 2026-11-21 05:59:50.546750398 +0000 UTC:
Cluster-wide:
  Health:      Healthy (ready=4 unready=0)
  Name:        not-a-group

NodeGroups:
  Name:        eks-workers-1
  Health:      Healthy (ready=2 unready=0 (resourceUnready=0) cloudProviderTarget=2 (minSize=1, maxSize=5))
               LastProbeTime:      2026-11-21 05:59:50 +0000 UTC

  Name:        eks-gpus-2
  ScaleUp:     NoActivity (ready=1 cloudProviderTarget=1)
`

const written = (at: string | undefined, status: string | undefined): AutoscalerStatus => ({
  metadata: {
    name: 'cluster-autoscaler-status',
    uid: 'u',
    resourceVersion: '1',
    ...(at === undefined ? {} : { annotations: { 'cluster-autoscaler.kubernetes.io/last-updated': at } }),
  },
  ...(status === undefined ? {} : { data: { status } }),
})

const both = ['eks-workers-1', 'eks-gpus-2']
const cases: Record<string, [at: string | undefined, status: string | undefined, groups: readonly string[]]> = {
  'YAML, since 1.30': ['2026-11-21 05:59:50.546750398 +0000 UTC', yaml, both],
  'text, before 1.30': ['2026-11-21 05:59:50.546750398 +0000 UTC', text, both],
  'in another time zone': ['2026-11-21 06:59:50 +0100 CET', yaml, both],
  'by a clock that is ahead': ['2026-11-21 06:03:00 +0000 UTC', yaml, both],
  'nine minutes ago': ['2026-11-21 05:51:00 +0000 UTC', yaml, both],
  'ten minutes ago: it runs no more': ['2026-11-21 05:50:00 +0000 UTC', yaml, []],
  'at a time that cannot be read': ['yesterday', yaml, []],
  'at no time': [undefined, yaml, []],
  'nothing yet': ['2026-11-21 05:59:50 +0000 UTC', undefined, []],
  'while it starts': ['2026-11-21 05:59:50 +0000 UTC', 'time: "x"\nautoscalerStatus: Initializing\n', []],
  'YAML that is none': ['2026-11-21 05:59:50 +0000 UTC', 'autoscalerStatus: [\n', []],
  'YAML of another shape': ['2026-11-21 05:59:50 +0000 UTC', 'autoscalerStatus: Running\nnodeGroups: {a: b}\n', []],
}
test.each(Object.entries(cases))('what it wrote %s', (_, [at, status, groups]) => {
  expect(autoscaledGroups(written(at, status), now)).toEqual(groups)
})
