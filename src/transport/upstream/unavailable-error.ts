/** There is no place for an attempt, and to wait for one is no use; the message says why. */
export class UnavailableError extends Error {}
