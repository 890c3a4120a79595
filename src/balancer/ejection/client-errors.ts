import type { Member } from "../member.ts";
import type { OutcomeKind } from "../outcome.ts";

/**
 * What a client error as answer to a probe means. Nothing against an endpoint that was out because it failed: it answers again. One that was out
 * for its client errors has not changed, unless the others give them as well by now: then there is no difference left to eject it for.
 */
export class ClientErrors {
  readonly #sums = { answers: 0, errors: 0 };
  /** Who is out for client errors, and what the others had answered before. */
  readonly #before = new Map<Member, { readonly answers: number; readonly errors: number }>();

  /** An answer of an endpoint that is in. */
  count(kind: OutcomeKind): void {
    if (kind === "success" || kind === "clientError") this.#sums.answers += 1;
    if (kind === "clientError") this.#sums.errors += 1;
  }

  /** @param kind the outcome that it is out for */
  onEjected(member: Member, kind: OutcomeKind): void {
    if (kind === "clientError") this.#before.set(member, { ...this.#sums });
    else this.#before.delete(member);
  }

  forget(member: Member): void {
    this.#before.delete(member);
  }

  /** Whether a client error is as bad as it was when the member was ejected. */
  accuses(member: Member): boolean {
    const before = this.#before.get(member);
    if (before === undefined) return false;
    const answers = this.#sums.answers - before.answers;
    const errors = this.#sums.errors - before.errors;
    return answers === 0 || errors < answers / 2;
  }
}
