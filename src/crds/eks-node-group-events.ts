import { type EventOf, type Events, annotationEvents } from './events.ts'

const nothing = 'Nothing.'

/** In the order of a node group's life. */
export const eksNodeGroupEvents = {
  Creating: { type: 'Normal', when: 'EKS is asked to make the node group.', remedy: nothing },
  Created: { type: 'Normal', when: 'The node group is there.', remedy: nothing },
  CreateFailed: {
    type: 'Warning',
    when: 'EKS gave a creation up.',
    remedy: 'What follows stands in it; after the last attempt see [CreateFailed](../runbooks/CreateFailed.md).',
  },
  DeletedOutside: {
    type: 'Warning',
    when: 'Somebody deleted the node group in AWS; it is made again.',
    remedy: 'Find out who; to let it go, delete the object.',
  },
  Adopted: { type: 'Normal', when: 'The node group was there, and carries our mark now.', remedy: nothing },
  Readopted: { type: 'Normal', when: 'The same; it carried the mark of the owner that the Event names.', remedy: nothing },
  ManagedElsewhere: {
    type: 'Warning',
    when: 'With those two: by its tags another tool made the node group.',
    remedy: 'Take it out of that tool, which may change or delete it.',
  },
  NotOurs: {
    type: 'Warning',
    when: 'The node group does not carry our mark while the object goes, or only looks on from now on.',
    remedy: 'Run the lines in it where no other object has the group.',
  },
  Scaling: { type: 'Normal', when: 'Sizes are sent to EKS.', remedy: nothing },
  Scaled: { type: 'Normal', when: 'They show.', remedy: nothing },
  Withdrawing: { type: 'Normal', when: 'The number is lowered by what has not arrived, or raised again for what did.', remedy: nothing },
  Correcting: { type: 'Normal', when: 'Settings or tags are sent.', remedy: nothing },
  Corrected: { type: 'Normal', when: 'They show.', remedy: nothing },
  ChangeFailed: { type: 'Warning', when: 'EKS gave a change up, or it does not come.', remedy: 'Mend what it names; it is tried again by itself.' },
  UpdateStarted: { type: 'Normal', when: 'EKS has taken an update, which nobody can stop any more.', remedy: 'Nothing; `UpToDate` says how far it is.' },
  Updated: { type: 'Normal', when: 'It shows.', remedy: nothing },
  UpdateFailed: { type: 'Warning', when: 'EKS gave the update up.', remedy: '[UpdateFailed](../runbooks/UpdateFailed.md).' },
  ApprovalUnclear: {
    type: 'Warning',
    when: 'An approval is not of this generation, or cannot be read: it approves nothing.',
    remedy: 'Write it as the Event says, or remove it.',
  },
  ...annotationEvents,
  RemovingNode: { type: 'Normal', when: 'AWS is asked to end one instance by its name: that node is not given back any more.', remedy: nothing },
  NodeRemoved: { type: 'Normal', when: 'A node that was to leave is gone.', remedy: nothing },
  NodeGivenBack: { type: 'Normal', when: 'It stays, and our mark is off it.', remedy: nothing },
  DrainFailed: { type: 'Warning', when: 'A node stays, since its drain failed.', remedy: '[RemovalRefused](../runbooks/RemovalRefused.md).' },
  SuspendRebalance: { type: 'Normal', when: '`AZRebalance` of the Auto Scaling group is suspended.', remedy: nothing },
  ResumeRebalance: { type: 'Normal', when: 'It is on again.', remedy: nothing },
  RoleShared: {
    type: 'Warning',
    when: 'A deletion begins after which nodes outside the group may go NotReady.',
    remedy: 'Make the access entry that it names.',
  },
  RemovingNodes: { type: 'Normal', when: 'In a deletion: the group gets the taint that keeps late nodes empty.', remedy: nothing },
  TakingBack: { type: 'Normal', when: 'The deletion is not to be after all: the taint comes off again.', remedy: nothing },
  Deleting: { type: 'Normal', when: 'EKS is asked to delete the node group.', remedy: nothing },
  Released: { type: 'Either', when: 'The object goes and its node group stays.', remedy: 'Nothing; where it is a Warning, take back what it names.' },
} as const satisfies Events

export type EksNodeGroupEvent = EventOf<typeof eksNodeGroupEvents>
