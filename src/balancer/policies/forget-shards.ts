import type { Member } from "../member.ts";

/** Drops what is kept of shards that no member is of any more; what is kept for calls without a shard stays. */
export function forgetShards(byShard: Map<string | undefined, unknown>, members: readonly Member[]): void {
  const present = new Set(members.map(({ endpoint }) => endpoint.labels.shard));
  for (const shard of byShard.keys()) if (shard !== undefined && !present.has(shard)) byShard.delete(shard);
}
