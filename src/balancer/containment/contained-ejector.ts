import type { BalancerEvent } from "../balancer-event.ts";
import type { Ejection, EjectionEnv, Ejector } from "../ejection/ejection.ts";
import type { MutableMember } from "../members/mutable-member.ts";
import type { Outcome } from "../outcome.ts";
import type { Faults } from "./faults.ts";
import { makePlugIn } from "./make-plug-in.ts";

const WISH = {
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
    this.#ejector = makePlugIn(ejection, [env], WISH);
    this.#faults = faults;
  }

  get reviewAtMs(): number {
    return this.#ejector.reviewAtMs;
  }

  onOutcome(member: MutableMember, outcome: Outcome, startedAtMs: number, known: number, nowMs: number): BalancerEvent | undefined {
    const run = () => this.#ejector.onOutcome(member, outcome, startedAtMs, known, nowMs);
    return this.#faults.guard("ejection", "onOutcome", run, undefined);
  }

  review(members: Iterable<MutableMember>, known: number, nowMs: number): readonly BalancerEvent[] {
    return this.#faults.guard("ejection", "review", () => this.#ejector.review(members, known, nowMs), []);
  }

  forget(member: MutableMember): void {
    this.#faults.guard("ejection", "forget", () => this.#ejector.forget(member), undefined);
  }
}
