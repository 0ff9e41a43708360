/**
 * A refusal of a known kind: its fields and its words say all that there is to know, and where it was thrown nothing more. Logs leave out its stack, and
 * those of what it was made from (observability/logger.ts).
 */
export abstract class KnownError extends Error {}
