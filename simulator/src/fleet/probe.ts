import type { RandomSource } from "meshless/balancer";
import type { ProbeAnswer } from "../contender.ts";
import type { Timed, VirtualTime } from "../engine/virtual-time.ts";
import type { SimNetwork } from "./network.ts";
import type { SimServer } from "./sim-server.ts";

export interface ProbeSender {
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  readonly zone: string | undefined;
}

/** A question for a server's load, on its way there and back. A server that does not listen never answers. */
export class Probe implements Timed {
  place = -1;
  readonly #sender: ProbeSender;
  readonly #server: SimServer;
  readonly #random: RandomSource;
  readonly #onAnswer: (answer: ProbeAnswer) => void;
  #answer: ProbeAnswer | undefined;

  constructor(sender: ProbeSender, server: SimServer, random: RandomSource, onAnswer: (answer: ProbeAnswer) => void) {
    this.#sender = sender;
    this.#server = server;
    this.#random = random;
    this.#onAnswer = onAnswer;
  }

  send(): void {
    const { time, network, zone } = this.#sender;
    time.schedule(this, time.nowMs + network.oneWayMs(zone, this.#server.zone, this.#random()));
  }

  /** Arrives. */
  fire(): void {
    const { time } = this.#sender;
    if (this.#answer !== undefined) return this.#onAnswer(this.#answer);
    if (!this.#server.isListening) return;
    if (time.nowMs < this.#server.deafUntilMs) return time.schedule(this, this.#server.deafUntilMs);
    this.#answer = this.#server.probe();
    this.send();
  }
}
