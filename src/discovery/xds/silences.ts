import type { AdsNews } from "./ads-carrier.ts";

/** Which control planes bring no answers, since when and why, in words. */
export class Silences {
  readonly #labels: readonly string[];
  /** By the place of the control plane in their order. */
  readonly #texts = new Map<number, { readonly since: string; readonly reason: string }>();

  /** @param labels as messages name the control planes, in the order in which they are asked */
  constructor(labels: readonly string[]) {
    this.#labels = labels;
  }

  unanswered({ server, failures, sinceMs, reason }: Extract<AdsNews<unknown>, { kind: "unanswered" }>, nowMs: number): void {
    const known = failures === 1 ? undefined : this.#texts.get(server);
    this.#texts.set(server, { since: known?.since ?? timeOf(nowMs - sinceMs), reason });
  }

  /** Those after it are not asked any more. */
  answered(server: number): void {
    for (const other of this.#texts.keys()) if (other >= server) this.#texts.delete(other);
  }

  /** @param heard the control plane that is asked in their place */
  text(heard: number): string | undefined {
    if (this.#texts.size === 0) return undefined;
    const silent = [...this.#texts].map(
      ([server, { since, reason }]) => `${this.#labels[server]} does not answer since ${since}: ${reason}`,
    );
    return [...silent, ...(this.#texts.has(heard) ? [] : [`${this.#labels[heard]} is asked instead`])].join("; ");
  }
}

/** For people: the clock knows no dates. */
function timeOf(agoMs: number): string {
  return new Date(Date.now() - agoMs).toISOString().replace(/\.\d+Z$/, "Z");
}
