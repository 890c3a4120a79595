import type { Lease, LoadReport } from "meshless/balancer";
import { chanceOf } from "../engine/random-streams.ts";
import type { Timed, VirtualTime } from "../engine/virtual-time.ts";
import type { Passenger } from "./connections.ts";
import type { Awaited } from "./deadlines.ts";
import type { SimNetwork } from "./network.ts";
import type { SimServer, Stay } from "./sim-server.ts";
import type { Answer, Visit } from "./visit.ts";

/** Whose attempt it is, as far as it must know. */
export interface AttemptOwner {
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  readonly zone: string | undefined;
  /** The call's own chance. */
  readonly seed: number;
  readonly workMs: number;
  readonly mistake: Visit["mistake"];
  onTaken(attempt: Attempt): void;
  /** No connection could be made. */
  onUnreachable(): void;
  onAnswer(attempt: Attempt, answer: Answer, report: LoadReport | undefined): void;
  /** How long its attempts may take. */
  readonly attemptTimeoutMs: number;
  /** It takes longer. */
  onLate(attempt: Attempt): void;
}

/** What chance is asked for in each attempt of a call. */
const QUESTIONS = 4;
const THERE = 0;
const BACK = 1;
const ERROR = 2;
const REPORT_LOSS = 3;

type Phase = "new" | "going" | "staying" | "returning" | "cancelling";

/** One try of a call on one server: travels there, stays, and travels back with an answer. Given up, it sends a cancel after itself. */
export class Attempt implements Timed, Visit, Passenger, Awaited {
  place = -1;
  /** Its call has settled it. */
  isOver = false;
  readonly lease: Lease;
  readonly server: SimServer;
  readonly startedAtMs: number;
  readonly mayBounce: boolean;
  readonly #owner: AttemptOwner;
  /** From 0. */
  readonly #number: number;
  #phase: Phase = "new";
  #isGivenUp = false;
  #stay: Stay | undefined;
  #answer: Answer = "done";
  #report: LoadReport | undefined;

  constructor(owner: AttemptOwner, lease: Lease, server: SimServer, number: number, mayBounce: boolean) {
    this.#owner = owner;
    this.lease = lease;
    this.server = server;
    this.startedAtMs = owner.time.nowMs;
    this.mayBounce = mayBounce;
    this.#number = number;
  }

  get workMs(): number {
    return this.#owner.workMs;
  }

  get mistake(): Visit["mistake"] {
    return this.#owner.mistake;
  }

  get deadlineMs(): number {
    return this.startedAtMs + this.#owner.attemptTimeoutMs;
  }

  expire(): void {
    this.#owner.onLate(this);
  }

  get errorChance(): number {
    return this.#chance(ERROR);
  }

  get reportLossChance(): number {
    return this.#chance(REPORT_LOSS);
  }

  /** Leaves for the server. */
  send(delayMs: number): void {
    if (this.#isGivenUp) return;
    this.server.onTheirWay += 1;
    this.#travel("going", THERE, delayMs);
  }

  onUnreachable(): void {
    if (!this.#isGivenUp) this.#owner.onUnreachable();
  }

  /** Nobody waits for it any more. */
  giveUp(): void {
    this.#isGivenUp = true;
    if (this.#phase === "staying") this.#travel("cancelling", THERE);
  }

  answer(answer: Answer, report: LoadReport | undefined): void {
    this.#answer = answer;
    this.#report = report;
    if (!this.#isGivenUp) this.#travel("returning", BACK);
  }

  /** Arrives. */
  fire(): void {
    switch (this.#phase) {
      case "going":
        return this.#enter();
      case "cancelling":
        if (this.#stay !== undefined) this.server.cancel(this.#stay);
        return;
      case "returning":
        if (!this.#isGivenUp) this.#owner.onAnswer(this, this.#answer, this.#report);
    }
  }

  #enter(): void {
    this.server.onTheirWay -= 1;
    // The cancel comes right behind the request, so that no work is done.
    if (this.#isGivenUp) return;
    this.#phase = "staying";
    this.#stay = this.server.receive(this);
    if (this.#stay !== undefined) this.#owner.onTaken(this);
  }

  #travel(phase: Phase, question: number, delayMs = 0): void {
    const { time, network, zone } = this.#owner;
    this.#phase = phase;
    time.schedule(this, time.nowMs + delayMs + network.oneWayMs(zone, this.server.zone, this.#chance(question)));
  }

  #chance(question: number): number {
    return chanceOf(this.#owner.seed, this.#number * QUESTIONS + question);
  }
}
