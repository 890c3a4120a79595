import { type BalancedTransportOptions, createBalancedTransport, type EndpointSource, powerOfTwo } from "meshless";
import { echo, contenders as unary } from "../unary/contenders.ts";
import type { Call } from "../unary/wire.ts";

/** What a client knows when it starts. */
export interface ContenderEnv {
  /** The servers that are there at first. */
  readonly ports: readonly number[];
  /** The same, with their weights, and whatever changes later. */
  readonly source: EndpointSource;
  /** Which of the clients this is, from 0. */
  readonly client: number;
}

export interface Contender {
  readonly description: string;
  /** Its counterpart among the policies of the simulator, if there is one. */
  readonly simulated?: string;
  /** Whether weights and changes of the fleet reach it. */
  readonly followsSource: boolean;
  create(env: ContenderEnv): Call;
}

/** What servers are asked for, without TLS. */
const hello = { text: "hello", ca: undefined };

export const contenders = {
  meshless: balanced("meshless with its defaults", {}, "meshless"),
  "meshless-no-slow-start": balanced("the same, without slow start", { slowStart: false }),
  p2c: balanced("meshless with policy: powerOfTwo()", { policy: powerOfTwo() }, "p2c"),
  "grpc-js": {
    description: "grpc-js with round_robin",
    simulated: "round-robin",
    followsSource: false,
    create: ({ ports }) => unary["grpc-js"]({ ...hello, ports }),
  },
  pinned: {
    description: "connect-node with one connection, client i to server i mod n",
    followsSource: false,
    create: ({ ports, client }) => unary["connect-node-connect"]({ ...hello, ports: [ports[client % ports.length] as number] }),
  },
} as const satisfies Record<string, Contender>;

export type ContenderName = keyof typeof contenders;

function balanced(description: string, options: BalancedTransportOptions, simulated?: string): Contender {
  return {
    description,
    ...(simulated === undefined ? {} : { simulated }),
    followsSource: true,
    create: ({ source }) => echo(hello, createBalancedTransport(source, options)),
  };
}
