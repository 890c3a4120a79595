import { type CallOptions, type Client, ConnectError, createContextKey, createContextValues, type Interceptor } from "@connectrpc/connect";
import { type RandomSource, randomIndex } from "../../src/random-source.ts";
import type { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";

type EchoClient = Client<typeof EchoService>;
type Kind = "echo" | "update" | "count" | "collect" | "chat";

/** A draw from this list is the mix of calls. */
const mix: readonly Kind[] = ["echo", "echo", "echo", "echo", "update", "update", "count", "collect", "chat"];

/** How many attempts of a call were cut. */
const cuts = createContextKey({ count: 0 });

/** Counts the attempts of each call that were cut. */
export const countCuts: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (error) {
    if (wasCut(error)) request.contextValues.get(cuts).count++;
    throw error;
  }
};

/** What became of all calls. */
export interface Ledger {
  calls: number;
  /** Cut after their headers were sent, and not safe to repeat, or cut again when repeated: nobody could have saved them. */
  cut: number;
  /** Everything else that failed; there should be nothing. */
  readonly failures: string[];
}

/** Makes calls of all kinds and keeps the ledger. Each has a deadline, and the run's own signal, as in a real program. */
export class Workload {
  readonly ledger: Ledger = { calls: 0, cut: 0, failures: [] };
  readonly #clients: readonly EchoClient[];
  readonly #random: RandomSource;
  readonly #signal: AbortSignal;

  constructor(clients: readonly EchoClient[], signal: AbortSignal, random: RandomSource) {
    this.#clients = clients;
    this.#random = random;
    this.#signal = signal;
  }

  /** Never rejects. */
  async callOnce(): Promise<void> {
    const kind = mix[randomIndex(this.#random, mix.length)] as Kind;
    const client = this.#clients[this.ledger.calls++ % this.#clients.length] as EchoClient;
    const attempts = { count: 0 };
    try {
      const contextValues = createContextValues().set(cuts, attempts);
      await this.#call(kind, client, { timeoutMs: 10_000, signal: this.#signal, contextValues });
    } catch (error) {
      if (wasCut(error) && (kind !== "echo" || attempts.count > 1)) this.ledger.cut++;
      else this.ledger.failures.push(`${kind}: ${error}`);
    }
  }

  async #call(kind: Kind, client: EchoClient, options: CallOptions): Promise<void> {
    const behavior = { delayMs: randomIndex(this.#random, 20) };
    switch (kind) {
      case "echo":
      case "update":
        expectEqual((await client[kind]({ text: "hi", behavior }, options)).text, "hi");
        return;
      case "count":
        return expectEqual(await length(client.count({ count: 5, behavior }, options)), 5);
      case "collect":
        return expectEqual((await client.collect(texts(5), options)).messages, 5);
      case "chat":
        return expectEqual(await length(client.chat(texts(5), options)), 5);
    }
  }
}

function wasCut(error: unknown): boolean {
  return error instanceof ConnectError && /lost the connection to|reset the stream/.test(error.rawMessage);
}

async function* texts(count: number) {
  for (let i = 0; i < count; i++) yield { text: `${i}` };
}

async function length(messages: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of messages) count++;
  return count;
}

function expectEqual<T>(actual: T, expected: T): void {
  if (actual !== expected) throw new Error(`expected ${expected}, got ${actual}`);
}
