import type { Clock } from "../clock.ts";
import { FailureBudget } from "./failure-budget.ts";
import { Refusal } from "./refusal.ts";
import { serviceAccountOf } from "./service-account.ts";
import { Slots } from "./slots.ts";
import { readClaims, type TokenClaims } from "./token-claims.ts";
import type { TokenReviewer, TokenVerdict } from "./token-reviewer.ts";
import { VerdictCache } from "./verdict-cache.ts";

/** Hears what becomes of the questions to whoever issued the tokens. */
export interface TokenCheckObserver {
  reviewed(result: "accepted" | "refused" | "failed"): void;
  /** Nobody can be asked, and why; undefined when that is over. */
  trouble(error: Error | undefined): void;
}

export interface TokenCheckOptions {
  readonly reviewer: TokenReviewer;
  /** Whom tokens have to be meant for. */
  readonly audience: string;
  readonly clock: Clock;
  /** The time of day in ms, by which tokens expire. */
  readonly today: () => number;
  readonly observer: TokenCheckObserver;
}

/** Whom a token names, for so long. */
export interface ShownIdentity {
  /** Such as `system:serviceaccount:shop:cart`. */
  readonly name: string;
  readonly validForMs: number;
}

const answerWithinMs = 5_000;
/** A token that is good stays so unless its pod or its ServiceAccount is deleted; one that is bad may be of an account that was made a moment ago. */
const timing = { acceptedMs: 60_000, refusedMs: 10_000, maxTokens: 20_000 };
/** An apiserver has others to serve: a fleet that comes back waits here. */
const underWay = { most: 32, mostWaiting: 10_000 };
const failures = { burst: 10, perSecond: 1, maxAddresses: 10_000 };

/** Finds out whom tokens name. Those that can't be good cost the apiserver nothing, others one question a minute. */
export class TokenCheck {
  readonly #options: TokenCheckOptions;
  readonly #cache = new VerdictCache(timing);
  readonly #slots = new Slots(underWay.most, underWay.mostWaiting);
  readonly #budget = new FailureBudget(failures);
  #isInTrouble = false;

  constructor(options: TokenCheckOptions) {
    this.#options = options;
  }

  /** How many tokens it remembers. */
  get remembered(): number {
    return this.#cache.size;
  }

  get isInTrouble(): boolean {
    return this.#isInTrouble;
  }

  /**
   * @param address of whom shows it
   * @throws Refusal
   */
  async identify(token: string, address: string): Promise<ShownIdentity> {
    const { today, audience } = this.#options;
    const { expiresAtMs } = checked(readClaims(token), today(), audience);
    const verdict = await this.#verdict(token, address);
    if ("problem" in verdict) throw new Refusal("refused", `the token is refused: ${verdict.problem}`);
    const validForMs = expiresAtMs - today();
    if (validForMs <= 0) throw expired(expiresAtMs);
    if (serviceAccountOf(verdict.username) === undefined) {
      throw new Refusal("no service account", "the token is of a user that is no ServiceAccount of Kubernetes");
    }
    return { name: verdict.username, validForMs };
  }

  async #verdict(token: string, address: string): Promise<TokenVerdict> {
    const { clock } = this.#options;
    const known = this.#cache.find(token, clock.now());
    if (known !== undefined) return known;
    if (this.#budget.isSpent(address, clock.now())) {
      throw new Refusal("too many failures", "too many tokens from this address were refused: try again later");
    }
    const now = () => clock.now();
    const verdict = await this.#cache.learn(token, now, () => this.#slots.run(() => this.#ask(token)).catch(unavailable));
    if ("problem" in verdict) this.#budget.failed(address, clock.now());
    return verdict;
  }

  async #ask(token: string): Promise<TokenVerdict> {
    const { reviewer, audience, clock, observer } = this.#options;
    const abort = new AbortController();
    const timer = clock.after(answerWithinMs, () => abort.abort(new Error(`no answer within ${answerWithinMs / 1_000} s`)));
    try {
      const verdict = await Promise.race([reviewer.review(token, audience, abort.signal), aborted(abort.signal)]);
      observer.reviewed("username" in verdict ? "accepted" : "refused");
      this.#tell(undefined);
      return verdict;
    } catch (error) {
      observer.reviewed("failed");
      this.#tell(error as Error);
      throw error;
    } finally {
      timer.cancel();
    }
  }

  #tell(error: Error | undefined): void {
    if (this.#isInTrouble === (error !== undefined)) return;
    this.#isInTrouble = error !== undefined;
    this.#options.observer.trouble(error);
  }
}

/** For whoever does not look at his signal. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

/** Refuses what can't be good, and nobody has to be asked about. */
function checked(claims: TokenClaims | undefined, nowMs: number, audience: string): TokenClaims {
  if (claims === undefined)
    throw new Refusal("malformed", "expected the token of a ServiceAccount, projected into the pod or by TokenRequest");
  if (!claims.audiences.includes(audience)) {
    throw new Refusal("other audience", `the token is for another audience: project one with audience ${audience}`);
  }
  if (claims.expiresAtMs <= nowMs) throw expired(claims.expiresAtMs);
  return claims;
}

function expired(atMs: number): Refusal {
  return new Refusal("expired", `the token expired at ${new Date(atMs).toISOString()}: read its file again`);
}

function unavailable(cause: unknown): never {
  throw new Refusal("can't be checked", "the token can't be checked now: try another control plane, or later", cause);
}
