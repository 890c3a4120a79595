import type { ServerGroup } from "../scenario.ts";

/** When a server is there, in ms. */
export interface Presence {
  readonly fromMs: number;
  /** It asks for no more calls. */
  readonly drainsAtMs: number;
  readonly toMs: number;
  readonly unlistedAtMs: number;
}

/** @param number of the server in its group, from 0 */
export function presenceOf({ joins, leaves }: ServerGroup, number: number): Presence {
  const fromMs = joins === undefined ? 0 : joins.atMs + number * (joins.everyMs ?? 0);
  if (leaves === undefined) return { fromMs, drainsAtMs: Infinity, toMs: Infinity, unlistedAtMs: Infinity };
  const { atMs, everyMs = 0, drainMs = 0, staysListedMs = 0 } = leaves;
  const toMs = atMs + number * everyMs;
  return { fromMs, drainsAtMs: drainMs > 0 ? toMs - drainMs : Infinity, toMs, unlistedAtMs: toMs + staysListedMs };
}
