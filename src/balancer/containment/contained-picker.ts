import type { LoadReport } from "../../load-report.ts";
import { show } from "../../show.ts";
import type { Candidates } from "../candidates.ts";
import { callLoadCost } from "../load.ts";
import type { Member } from "../member.ts";
import type { Outcome } from "../outcome.ts";
import type { PickContext } from "../pick-context.ts";
import type { Picker, Policy, PolicyEnv } from "../policy.ts";
import { assertSynchronous, assertText, type Faults } from "./faults.ts";
import { makePlugIn } from "./make-plug-in.ts";

const WISH = {
  sentence: "policy: expected a policy, such as roundRobin()",
  product: "a picker",
  methods: ["pick", "membership", "cost", "describe", "onStart", "onReport", "onSettle"],
} as const;

const NOBODY: Candidates = {
  places: () => 0,
  at: () => undefined,
  sample: () => undefined,
  sampleOther: () => undefined,
  admits: () => false,
};

/** Candidates that can tell whether they offered a member. */
export interface Choices extends Candidates {
  /** Whether the call is aimed at the member, and does not avoid it. */
  offers(context: PickContext, member: Member): boolean;
}

/**
 * A policy's picker, from which no error gets out: what fails is noted, a call that it does not place goes to any of its candidates, and a cost
 * that it does not name is the usual one. Allocates nothing.
 */
export class ContainedPicker implements Required<Picker> {
  readonly #picker: Picker;
  readonly #choices: Choices;
  readonly #faults: Faults;

  constructor(policy: Policy, env: PolicyEnv & { readonly candidates: Choices }, faults: Faults) {
    this.#choices = env.candidates;
    this.#faults = faults;
    const byChance: Picker = { pick: (context) => env.candidates.sample(context) };
    this.#picker = faults.guard("policy", "creation", () => makePlugIn(policy, [env], WISH), byChance);
  }

  membership(members: readonly Member[]): void {
    this.#faults.guard("policy", "membership", () => this.#picker.membership?.(members), undefined);
  }

  pick(context: PickContext, nowMs: number): Member | undefined {
    try {
      const member = this.#picker.pick(context, nowMs);
      if (member === undefined || (member !== null && this.#choices.offers(context, member))) return member;
      this.#note("pick", wrongChoice(assertSynchronous(member)));
    } catch (error) {
      this.#note("pick", error);
    }
    return this.#choices.sample(context);
  }

  cost(context: PickContext, member: Member, nowMs: number): number {
    try {
      if (this.#picker.cost !== undefined) return this.#picker.cost(context, member, nowMs);
    } catch (error) {
      this.#note("cost", error);
    }
    return callLoadCost(context, member);
  }

  describe(member: Member, nowMs: number): string | undefined {
    return this.#faults.guard("policy", "describe", () => assertText(this.#picker.describe?.(member, nowMs), "a sentence"), undefined);
  }

  onStart(member: Member, nowMs: number, cost: number): void {
    try {
      assertSynchronous(this.#picker.onStart?.(member, nowMs, cost));
    } catch (error) {
      this.#note("onStart", error);
    }
  }

  onReport(member: Member, report: LoadReport, nowMs: number): void {
    try {
      assertSynchronous(this.#picker.onReport?.(member, report, nowMs));
    } catch (error) {
      this.#note("onReport", error);
    }
  }

  onSettle(member: Member, outcome: Outcome, nowMs: number, cost: number): void {
    try {
      assertSynchronous(this.#picker.onSettle?.(member, outcome, nowMs, cost));
    } catch (error) {
      this.#note("onSettle", error);
    }
  }

  #note(method: keyof Picker, error: unknown): void {
    this.#faults.note("policy", method, error);
  }
}

/** @throws ConfigurationError unless it makes pickers: the balancer makes them as it needs them, which may be long after its creation */
export function assertPolicy(policy: Policy): void {
  makePlugIn(policy, [{ random: () => 0, candidates: NOBODY }], WISH);
}

function wrongChoice(member: Member): Error {
  const id = (member as Member | null)?.endpoint?.id;
  return new Error(`it chose ${show(id ?? member)}, which may not take this call: choose through env.candidates`);
}
