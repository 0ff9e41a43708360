/** Set by EKS on every Node of a managed group, with the group's name (EKS User Guide, "Managed node groups"). */
export const groupLabel = 'eks.amazonaws.com/nodegroup'
