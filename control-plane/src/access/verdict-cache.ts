import { createHash } from "node:crypto";
import type { TokenVerdict } from "./token-reviewer.ts";

export interface VerdictTiming {
  /** How long a good token is not asked about again, in ms. */
  readonly acceptedMs: number;
  /** How long a bad one is not, in ms. */
  readonly refusedMs: number;
  /** So many tokens are remembered. */
  readonly maxTokens: number;
}

/** What became of tokens, for a while, and of none at all if that could not be found out. Tokens themselves are not kept. */
export class VerdictCache {
  readonly #timing: VerdictTiming;
  readonly #known = new Map<string, { readonly verdict: TokenVerdict; readonly untilMs: number }>();
  readonly #underWay = new Map<string, Promise<TokenVerdict>>();

  constructor(timing: VerdictTiming) {
    this.#timing = timing;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Of a token that was asked about not long ago, or is just being. */
  find(token: string, nowMs: number): TokenVerdict | Promise<TokenVerdict> | undefined {
    const key = keyOf(token);
    const known = this.#known.get(key);
    return known !== undefined && nowMs < known.untilMs ? known.verdict : this.#underWay.get(key);
  }

  /** @param ask is what finds it out */
  async learn(token: string, now: () => number, ask: () => Promise<TokenVerdict>): Promise<TokenVerdict> {
    const key = keyOf(token);
    const asked = ask().finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asked);
    const verdict = await asked;
    this.#keep(key, verdict, now());
    return verdict;
  }

  #keep(key: string, verdict: TokenVerdict, nowMs: number): void {
    const { acceptedMs, refusedMs, maxTokens } = this.#timing;
    this.#known.delete(key);
    this.#known.set(key, { verdict, untilMs: nowMs + ("username" in verdict ? acceptedMs : refusedMs) });
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxTokens && oldest !== undefined) this.#known.delete(oldest);
  }
}

function keyOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
