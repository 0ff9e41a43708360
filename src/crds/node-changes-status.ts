import Type from 'typebox'
import { count, listAtomic, stringEnum, struct, text, time } from './schema.ts'

/** `DrainState` of src/drain/request.ts, field for field. */
const drain = struct(
  {
    step: stringEnum(['Waiting', 'Draining', 'Empty', 'Failed', 'Gone'], { description: 'How far the drain is.' }),
    isolatedAt: Type.Optional(time('When the node was isolated; the timeout counts from here.')),
    claims: Type.Optional(Type.Unsafe<true>({ type: 'boolean', description: 'Some pod had a volume that has to be detached.' })),
    returned: Type.Optional(
      listAtomic(
        struct({ uid: text(64, 'UID of the controller.'), times: count('How often.') }, 'A controller.'),
        { maxItems: 100 },
        { description: 'Controllers whose pods came back to the isolated node, and how often.' },
      ),
    ),
  },
  'What the drain of the node remembers.',
)

/** The intent of one termination: it has no client token, and a second call would count down again (aws-rules B4). */
const call = struct(
  {
    token: text(64, 'Nonce of this attempt.'),
    at: time('When the intent was stored, before the call.'),
  },
  'The termination, from before its call on.',
)

export const removalState = struct(
  {
    nodeUID: Type.Optional(text(64, 'UID of the Node; absent for an instance that never joined.')),
    nodeName: Type.Optional(text(253, 'Name of the Node; absent for an instance that never joined.')),
    instanceId: text(32, 'Instance.'),
    zone: Type.Optional(text(32, 'Its zone.')),
    orderUID: Type.Optional(text(64, 'UID of the order that asks for it; absent when the controller chose the node itself.')),
    fieldManager: Type.Optional(text(128, 'Field manager that lowered the number, for the history; absent when an order, a bound or a deletion asks for it.')),
    state: stringEnum(['Accepted', 'Draining', 'Removing', 'Gone', 'Refused'], { description: 'How far it is.' }),
    since: Type.Optional(time('Since when it is in this state.')),
    outSince: Type.Optional(time('Since when the Auto Scaling group does not have the instance any more; from then on its Node is waited for.')),
    drain: Type.Optional(drain),
    call: Type.Optional(call),
    retry: Type.Optional(text(256, 'Value of tidegate.io/retry when its drain failed: another value tries again.')),
    message: text(1024, 'What it waits for.'),
  },
  'A node on its way out.',
)

/** The intent of the calls that set the number: one of which nobody read the answer may still take effect (aws-rules B5). */
const numberCall = struct(
  {
    token: text(64, 'Nonce of the process that began it: to another process it says that a call may still take effect.'),
    at: time('When the intent was stored, before the first call.'),
  },
  'The calls for another number, from before the first on.',
)

/** Capacity that has not arrived is taken back while what runs is protected, since AWS would choose what dies (aws-rules B5). */
export const withdrawal = struct(
  {
    target: count('Nodes that are to stay.'),
    protected: listAtomic(text(32, 'Instance.'), { maxItems: 1000 }, { description: 'Instances that we protected from scale-in, and will release.' }),
    startedAt: time('When it began.'),
    call: Type.Optional(numberCall),
    fieldManager: Type.Optional(text(128, 'Field manager that lowered the number, for the history.')),
  },
  'Capacity being taken back that has not arrived; absent while none is.',
)

/** What the deletion of the object has done to the node group as a whole; it is taken back when the group is kept after all. */
export const deletionState = struct(
  {
    startedAt: Type.Optional(time('When it began: once it was confirmed, where nodes would go with the group.')),
    sizesBefore: Type.Optional(text(64, 'Minimum and maximum of the Auto Scaling group before they were closed, as min/max.')),
    taintedAt: Type.Optional(time("When the group's own taint was asked for; absent once it is taken back.")),
    takingBackSince: Type.Optional(time('Since when our marks are being taken back, because the group is kept.')),
  },
  'What the deletion of the object did to the group; absent before.',
)

/** An update of version, release or template: EKS runs it, and it cannot be stopped once started (aws-rules B7). */
export const updateState = struct(
  {
    hash: text(64, 'Hash of what is wanted: an approval and a failure are for exactly this.'),
    state: stringEnum(['WaitingForApproval', 'Running', 'Failed'], { description: 'How far it is.' }),
    updateId: Type.Optional(text(128, "Id of EKS' update.")),
    previousId: Type.Optional(text(128, "Id of EKS' update that failed before it.")),
    startedAt: Type.Optional(time('When it was started.')),
    generation: Type.Optional(count('metadata.generation of the object when it was started: an approval of a later one asks for it again.')),
    message: Type.Optional(text(1024, 'Why it failed, with the pods that were in the way.')),
    retryToken: Type.Optional(text(256, 'Value of tidegate.io/retry when it was begun, or failed: the same value does not start it again.')),
  },
  'The update that is wanted or under way; absent while none is.',
)

/** What a spec brought to the group: only that is taken off again when the spec no longer has it. */
export const applied = struct(
  {
    labels: Type.Optional(listAtomic(text(63, 'Key.'), { maxItems: 100 }, { description: 'Labels.' })),
    taints: Type.Optional(listAtomic(text(128, 'Key and effect, as key:effect.'), { maxItems: 100 }, { description: 'Taints.' })),
    tags: Type.Optional(listAtomic(text(128, 'Key.'), { maxItems: 100 }, { description: 'Tags.' })),
  },
  'Keys that this object brought to the node group: what leaves the spec is removed only where it stands here.',
)
