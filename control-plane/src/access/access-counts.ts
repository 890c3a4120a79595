import type { Measure, Sample } from "../measure.ts";
import type { RefusalReason } from "./refusal.ts";

/** How often clients were not let in, and what it took to find that out. */
export class AccessCounts {
  readonly #refusals = new Map<RefusalReason, number>();
  readonly #reviews = new Map<"accepted" | "refused" | "failed", number>();

  refused(reason: RefusalReason): void {
    count(this.#refusals, reason);
  }

  reviewed(result: "accepted" | "refused" | "failed"): void {
    count(this.#reviews, result);
  }

  get measures(): readonly Measure[] {
    return [
      {
        name: "tokens.refusals",
        kind: "counter",
        description: "Streams that were not let in, by what was wrong with what they showed",
        read: () => samples(this.#refusals, "reason"),
      },
      {
        name: "tokens.reviews",
        kind: "counter",
        description: "Tokens that the apiserver was asked about, by what it said",
        read: () => samples(this.#reviews, "result"),
      },
    ];
  }
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function samples(counts: ReadonlyMap<string, number>, label: string): readonly Sample[] {
  return [...counts].map(([key, value]) => ({ value, labels: { [label]: key } }));
}
