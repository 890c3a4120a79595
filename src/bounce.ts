/**
 * Server pushback, as it goes over the wire: a server above its limit turns a call away before its handler, if the call said that it may be.
 * Both names stand in the first header block, in every protocol.
 */

/**
 * Request header: how often the call may be turned away from here on, `1` or `2`. Absent: it must be taken. It is meant for the server that
 * reads it, and never handed on.
 */
export const mayBounceHeader = "meshless-may-bounce";

/** Response header, `1`: the call was turned away before its handler, and beside stands the server's load report. */
export const bouncedHeader = "meshless-bounced";

/** How often a call may be turned away: with two, a third server is asked, and has to take it. */
export const maxBounces = 2;

/** Whether the value of {@link mayBounceHeader} permits a bounce. What is absent, or no such number, does not: the call is taken. */
export function permitsBounce(value: string | null): boolean {
  return value === "1" || value === "2";
}
