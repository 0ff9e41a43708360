import { type EventOf, type Events, annotationEvents } from './events.ts'

export const targetClusterEvents = {
  TargetGone: {
    type: 'Warning',
    when: 'EKS, asked in the account that had it, no longer has the cluster, or another one is in its place.',
    remedy: '[TargetGone](../runbooks/TargetGone.md).',
  },
  GroupsNotListed: {
    type: 'Warning',
    when: 'Every 10 min while AWS does not let us read all node groups: `status.groups` lacks some.',
    remedy: 'Give the role the right that it names.',
  },
  SecretInUse: {
    type: 'Warning',
    when: 'Somebody deleted the Secret of the kubeconfig, which stays as long as this object needs it.',
    remedy: 'Name another Secret; the old one goes then.',
  },
  ...annotationEvents,
  Abandoned: { type: 'Warning', when: 'The object goes without its users; what is left behind stands in it.', remedy: 'Take back what it names.' },
} as const satisfies Events

export type TargetClusterEvent = EventOf<typeof targetClusterEvents>
