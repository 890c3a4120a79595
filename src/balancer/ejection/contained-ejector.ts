import type { BalancerEvent } from "../balancer-event.ts";
import type { Faults } from "../faults.ts";
import { makePlugIn } from "../make-plug-in.ts";
import type { MutableMember } from "../mutable-member.ts";
import type { Outcome } from "../outcome.ts";
import type { Ejection, EjectionEnv, Ejector } from "./ejection.ts";

const wish = {
  sentence: "ejection: expected options, false, or what outlierDetection() returns",
  product: "an ejector",
  methods: ["onOutcome", "review", "forget"],
} as const;

/** An ejector from which no error gets out: where it fails, nothing changes. */
export class ContainedEjector implements Ejector {
  readonly #ejector: Ejector;
  readonly #faults: Faults;

  /** @throws ConfigurationError if the function makes no ejector */
  constructor(ejection: Ejection, env: EjectionEnv, faults: Faults) {
    this.#ejector = makePlugIn(ejection, [env], wish);
    this.#faults = faults;
  }

  get reviewAtMs(): number {
    return this.#ejector.reviewAtMs;
  }

  onOutcome(member: MutableMember, outcome: Outcome, startedAtMs: number, known: number, nowMs: number): BalancerEvent | undefined {
    try {
      return this.#ejector.onOutcome(member, outcome, startedAtMs, known, nowMs);
    } catch (error) {
      this.#faults.note("ejection", "onOutcome", error);
      return undefined;
    }
  }

  review(members: Iterable<MutableMember>, known: number, nowMs: number): readonly BalancerEvent[] {
    try {
      return this.#ejector.review(members, known, nowMs);
    } catch (error) {
      this.#faults.note("ejection", "review", error);
      return [];
    }
  }

  forget(member: MutableMember): void {
    try {
      this.#ejector.forget(member);
    } catch (error) {
      this.#faults.note("ejection", "forget", error);
    }
  }
}
