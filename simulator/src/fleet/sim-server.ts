import type { LoadReport } from "meshless/balancer";
import type { ProbeAnswer } from "../contender.ts";
import type { VirtualTime } from "../engine/virtual-time.ts";
import type { ServerGroup } from "../scenario.ts";
import { BusyMeter } from "./busy-meter.ts";
import { EarlyAnswers } from "./early-answers.ts";
import type { Executor, Job } from "./executor.ts";
import { Fifo } from "./fifo.ts";
import { LatencyMemory } from "./latency-memory.ts";
import { ProcessorSharing } from "./processor-sharing.ts";
import { Pushback } from "./pushback.ts";
import { RateMeter } from "./rate-meter.ts";
import { Reporter } from "./reporter.ts";
import type { Answer, Visit } from "./visit.ts";
import { Warmth } from "./warmth.ts";

/** The mean latency that is reported is of so many of the latest calls, or of those of the last seconds, as in the load sampler of the server hooks. */
const NEWEST_LATENCIES = 200;
const LATENCY_MEMORY_MS = 2_000;

/** `draining` still takes calls. `left` in peace: refuses calls that were under way. `down`: nothing listens, connections are reset. */
export type ServerState = "absent" | "serving" | "draining" | "left" | "down";

/** A visit that the server has taken and not answered. */
export class Stay implements Job {
  place = -1;
  isOver = false;
  readonly visit: Visit;
  readonly workMs: number;
  readonly sinceMs: number;
  /** Others in flight when it came. */
  readonly met: number;

  constructor(visit: Visit, workMs: number, sinceMs: number, met: number) {
    this.visit = visit;
    this.workMs = workMs;
    this.sinceMs = sinceMs;
    this.met = met;
  }
}

/** A server: takes visits, works on them as its discipline says, and answers with a report of itself. */
export class SimServer {
  readonly id: string;
  /** Its place in the fleet. */
  readonly index: number;
  readonly group: ServerGroup;
  readonly reporter: Reporter;
  readonly earlyAnswers = new EarlyAnswers();
  state: ServerState = "absent";
  /** A paused server answers probes no sooner. */
  deafUntilMs = -Infinity;
  /** Attempts that were sent and did not arrive yet. */
  onTheirWay = 0;
  readonly #time: VirtualTime;
  readonly #executor: Executor<Stay>;
  readonly #pushback: Pushback | undefined;
  readonly #busy: BusyMeter;
  readonly #answers: RateMeter;
  readonly #errors: RateMeter;
  readonly #warmth: Warmth | undefined;
  /** Kept from the first probe on: most fleets are never probed. */
  #latencies: LatencyMemory | undefined;
  #meanLatencyMs = 0;
  /** Calls that this mean stands for. */
  #latencyCount = 0;
  #latencyAtMs = 0;
  #inFlight = 0;
  #cores: number;
  #rate = 1;

  constructor(id: string, index: number, group: ServerGroup, time: VirtualTime) {
    const { cores, discipline = "processorSharing" } = group;
    this.id = id;
    this.index = index;
    this.group = group;
    this.reporter = new Reporter(group.reports);
    this.#time = time;
    this.#pushback = group.bounceLimit === undefined ? undefined : new Pushback(group.bounceLimit);
    this.#cores = cores;
    const onDone = (stay: Stay) => this.#finish(stay);
    this.#executor = discipline === "fifo" ? new Fifo(time, cores, onDone) : new ProcessorSharing(time, cores, onDone);
    this.#busy = new BusyMeter(cores, time.nowMs);
    this.#answers = new RateMeter(time.nowMs);
    this.#errors = new RateMeter(time.nowMs);
    this.#warmth = group.warmedByUse && new Warmth(group.warmedByUse);
  }

  get zone(): string | undefined {
    return this.group.zone;
  }

  /** Calls that it has taken and not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  get isListening(): boolean {
    return this.state === "serving" || this.state === "draining";
  }

  /** Cores that work now; 0 while it stands still or is not there. */
  get workingCores(): number {
    return this.isListening && this.#rate > 0 ? this.#cores : 0;
  }

  /** How many times as long as at full speed work takes. */
  get slowness(): number {
    return 1 / this.#rate;
  }

  /** The time in which it was busy until now, in ms; with half of the cores in use, half of the time. */
  get busyMs(): number {
    return this.#busy.busyMs(this.#time.nowMs);
  }

  /** Takes a visit, or turns it away. */
  receive(visit: Visit): Stay | undefined {
    if (!this.isListening) {
      visit.answer(this.state === "left" ? "refused" : "reset", undefined);
      return undefined;
    }
    if (this.#pushback?.bounces(visit.mayBounce, this.#inFlight)) {
      visit.answer("bounced", this.#reportTo(visit));
      return undefined;
    }
    const { nowMs } = this.#time;
    const stay = new Stay(visit, visit.workMs + (this.#warmth?.addedMs(nowMs) ?? 0), nowMs, this.#inFlight);
    this.#inFlight += 1;
    const early = this.earlyAnswers.to(visit);
    if (early === undefined) this.#executor.start(stay);
    else this.#time.after(early.afterMs, () => this.#answerEarly(stay, early.answer));
    this.#meter();
    return stay;
  }

  /** The client gave it up. */
  cancel(stay: Stay): void {
    if (stay.isOver) return;
    this.#executor.cancel(stay);
    this.#end(stay);
  }

  /** Connections break, and the work is lost. */
  crash(): void {
    this.state = "down";
    for (const stay of this.#executor.clear()) {
      this.#end(stay);
      stay.visit.answer("reset", undefined);
    }
  }

  /** From now on, calls share `cores`, and each core does `rate` ms of work in a ms. */
  setPace(cores: number, rate: number): void {
    this.#cores = cores;
    this.#rate = rate;
    this.#executor.setPace(cores, rate);
    this.#meter();
  }

  probe(): ProbeAnswer {
    this.#latencies ??= new LatencyMemory();
    return {
      inFlight: this.reporter.claimedInFlight(this.#inFlight),
      latencyMs: this.#latencies.near(this.#inFlight, this.#time.nowMs),
    };
  }

  #finish(stay: Stay): void {
    const { nowMs } = this.#time;
    this.#end(stay);
    this.#answers.add(nowMs);
    this.#warmth?.add(nowMs);
    if (stay.visit.mistake === undefined) this.#noteLatency(stay, nowMs);
    stay.visit.answer(stay.visit.mistake === undefined ? "done" : "mistaken", this.#reportTo(stay.visit));
  }

  /** Only calls that went well have one that tells of the server. */
  #noteLatency(stay: Stay, nowMs: number): void {
    const latencyMs = nowMs - stay.sinceMs;
    this.#latencies?.add(stay.met, latencyMs, nowMs);
    const kept = this.#latencyCount * Math.exp((this.#latencyAtMs - nowMs) / LATENCY_MEMORY_MS);
    this.#latencyCount = Math.min(NEWEST_LATENCIES, kept + 1);
    this.#latencyAtMs = nowMs;
    this.#meanLatencyMs += (latencyMs - this.#meanLatencyMs) / this.#latencyCount;
  }

  #answerEarly(stay: Stay, answer: Answer): void {
    if (stay.isOver) return;
    const { nowMs } = this.#time;
    this.#end(stay);
    this.#answers.add(nowMs);
    if (answer === "failed") this.#errors.add(nowMs);
    if (this.state === "down") stay.visit.answer("reset", undefined);
    else stay.visit.answer(answer, this.#reportTo(stay.visit));
  }

  #end(stay: Stay): void {
    stay.isOver = true;
    this.#inFlight -= 1;
    this.#meter();
  }

  #meter(): void {
    this.#busy.set(this.#executor.size, this.#cores, this.#time.nowMs);
  }

  #reportTo(visit: Visit): LoadReport | undefined {
    return this.reporter.report(this.#truth, visit, this.#time.nowMs);
  }

  readonly #truth = (): LoadReport => {
    const { nowMs } = this.#time;
    const report = {
      requestsPerSecond: this.#answers.perSecond(nowMs),
      errorsPerSecond: this.#errors.perSecond(nowMs),
      utilization: this.#busy.utilization(nowMs),
      inFlight: this.#inFlight,
      ...(this.#latencyCount > 0 && { latencyMs: this.#meanLatencyMs }),
    };
    return this.state === "draining" ? { ...report, draining: true } : report;
  };
}
