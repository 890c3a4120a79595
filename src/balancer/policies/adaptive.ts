// Optimises: the time that calls take, at any number of endpoints and clients, without probes; and even shares, by weight, where nobody has to wait.
//   A call goes to the least costly of two endpoints drawn at random and of the few that answered last: these have just told their load, have a
//   call less, and quick ones are among them more often. With pencil and paper, for each of them:
//     load = (calls it is working on + call) / weight
//     cost = slowness x load x load x load / success^6
//   calls:    what it reported last and what was sent since, or our own calls there if that is more, or if it reports nothing.
//   call:     about 1 where servers are busy. Where they are idle, nobody has calls, and it decides: its weight by the mean weight, times whose turn it
//             is: our calls there of the last minute by those that were due, cubed. So who had a few too few is next; less so if it is
//             slow, and not if it fails.
//   slowness: 1, unless it takes longer than is usual: by its report as far as servers are busy, or by 1.5 times in our own calls (1.25 where servers are idle), or a call waits there.
//   success:  1, unless more of its calls fail, or are refused as the caller's fault, than the others'.
//   Equal idle servers thus differ by their turn alone. One that takes three times as long when idle gets a little to a quarter less, one that refuses
//   or fails gets next to nothing.
// Wrong when: endpoints are to get the same number of calls whatever becomes of them (roundRobin), or a key decides (ringHash, maglev).
//   Calls that all take as long, and are over before a report of them is old, are better taken in turn: with 4 clients, 4 servers of 4 cores and
//   2 ms of work for each call at 80 % load, p99 is 7.9 ms in simulation, powerOfTwo's 6.2. With 20 ms of work it is 45, and powerOfTwo's 49.
//   Where servers report nothing, it goes by its own calls, their number and their latency.
// Cold: nothing is known of a newcomer, which counts as average; slow start has it drawn seldom at first.
// Recovers: what was learned grows old, and an endpoint of which nothing was heard becomes average: a good report within two usual latencies
//   (half a second at most), a bad one within thirty (a second at most), latency and failures within ten seconds.
// Source: Mitzenmacher, Prabhakar, Shah, "Load Balancing with Memory", FOCS 2002, for the choice; Wydrowski et al., "Load is not what you should
//   balance: Introducing Prequal", NSDI 2024, for load before latency; Suresh et al., "C3", NSDI 2015, for the cube.
import type { LoadReport } from "../../load-report.ts";
import { CallCosts } from "../estimates/call-costs.ts";
import { RecentResponders } from "../estimates/recent-responders.ts";
import type { Member } from "../member.ts";
import type { Outcome } from "../outcome.ts";
import type { PickContext } from "../pick-context.ts";
import type { Picker, Policy, PolicyEnv } from "../policy.ts";

const REMEMBERED = 16;
/** How many of those that answered last are compared. Those before them are older, and bring nothing. */
const RECENT = 4;
/** Who answered longer ago than so many of the usual latencies is not recent. */
const RECENT_LATENCIES = 5;
const MAX_RECENT_MS = 1_000;

/**
 * The default: of two endpoints drawn at random and up to four that answered last, the one where a call costs least, by the load and the latency that
 * servers report, and by the client's own calls: how many are there, how long they take, and whether they fail.
 */
export function adaptive(): Policy {
  return (env) => new AdaptivePicker(env);
}

class AdaptivePicker implements Picker {
  readonly #env: PolicyEnv;
  readonly #recent = new RecentResponders(REMEMBERED);
  readonly #costs = new CallCosts();
  /** Drawn for this pick. */
  #one: Member | undefined;
  #other: Member | undefined;
  /** Of those considered for it. */
  #cheapest: Member | undefined;
  #leastCost = Infinity;

  constructor(env: PolicyEnv) {
    this.#env = env;
  }

  membership(members: readonly Member[]): void {
    this.#costs.membership(members);
    this.#recent.membership(members);
  }

  pick(context: PickContext, nowMs: number): Member | undefined {
    const { candidates } = this.#env;
    const one = candidates.sample(context);
    const other = one && candidates.sampleOther(context, one);
    this.#one = one;
    this.#other = other ?? one;
    if (one === undefined || other === undefined) return one;
    this.#cheapest = one;
    this.#leastCost = Infinity;
    this.#costs.begin();
    this.#consider(context, one, nowMs);
    this.#consider(context, other, nowMs);
    this.#considerRecent(context, nowMs);
    return this.#cheapest;
  }

  cost(context: PickContext, member: Member, nowMs: number): number {
    this.#costs.begin();
    this.#costs.appraise(context, member, nowMs);
    return this.#costs.appraisal.cost;
  }

  describe(member: Member, nowMs: number): string {
    return this.#costs.describe(member, nowMs);
  }

  /** Only now it is known that the call goes here: where zones are compared, each side picks, and one of them gets it. */
  onStart(member: Member, nowMs: number, cost: number): void {
    this.#costs.onStart(member, this.#one ?? member, this.#other ?? member, cost, nowMs);
  }

  onReport(member: Member, report: LoadReport, nowMs: number): void {
    this.#costs.onReport(member, report, nowMs);
  }

  onSettle(member: Member, outcome: Outcome, nowMs: number, cost: number): void {
    if (this.#costs.onSettle(member, outcome, nowMs, cost)) this.#recent.push(member, nowMs);
  }

  /** Those that answered last, and not long ago. */
  #considerRecent(context: PickContext, nowMs: number): void {
    const recent = this.#recent;
    const sinceMs = nowMs - Math.min(MAX_RECENT_MS, RECENT_LATENCIES * this.#costs.latency.usualMs);
    let left = RECENT;
    for (let place = 0; place < recent.size && left > 0 && recent.atMs(place) >= sinceMs; place += 1) {
      const member = recent.at(place) as Member;
      if (!this.#env.candidates.admits(context, member)) continue;
      left -= 1;
      this.#consider(context, member, nowMs);
    }
  }

  #consider(context: PickContext, member: Member, nowMs: number): void {
    this.#costs.appraise(context, member, nowMs);
    const { cost } = this.#costs.appraisal;
    if (!(cost < this.#leastCost)) return;
    this.#cheapest = member;
    this.#leastCost = cost;
  }
}
