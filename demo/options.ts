import { parseArgs } from "node:util";

export interface DemoOptions {
  /** How long each side is measured. */
  readonly seconds: number;
  readonly servers: number;
  /** How many of the servers are three times slower. */
  readonly slow: number;
  readonly clients: number;
  /** Calls per second of all clients together. */
  readonly rate: number;
  /** Print the figures as one object on the last line of stdout. */
  readonly json: boolean;
  /** Only the balanced side, deploy after deploy, until it is stopped. */
  readonly openPage: boolean;
}

export const SLOTS = 4;
export const WORK_MS = 20;
export const SLOWNESS = 3;

export const HELP = `npm start -- [options]

The same load three times: pinned, each client over one connection to a random server, as behind kube-proxy; round-robin, each
client of grpc-js in turn over all servers; balanced, each client of meshless choosing a server for every call. Each time a rolling
deploy replaces all servers, a quarter at a time; they end without a goodbye. Servers are registered in a file, and a control plane
tells the clients of grpc-js and meshless. Half way it is killed, and started again a second later. One of the balanced clients serves a page
that shows what it does, and prints its address.

  --seconds N   how long each side is measured; all three and their starts take about 3N + 15 s   (14)
  --servers N   servers, each a process that works on ${SLOTS} calls at a time, ${WORK_MS} ms each              (4)
  --slow N      how many of them are ${SLOWNESS} times slower                                             (0)
  --clients N   clients, each a process; a call has 10 s                                        (4)
  --rate N      calls per second of all clients together           (60 % of what the servers can do)
  --open-page   only the balanced side, deploy after deploy until you stop it, to look at its page
  --json        print the figures as one object on the last line of stdout, the rest to stderr
  --help        this
`;

/** @throws Error that names the option which cannot be, and why */
export function readOptions(args: readonly string[]): DemoOptions | "help" {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: text, servers: text, slow: text, clients: text, rate: text, json: flag, "open-page": flag, help: flag },
  });
  if (values.help) return "help";
  const servers = wholeNumber("servers", values.servers ?? "4", 2);
  const slow = wholeNumber("slow", values.slow ?? "0", 0);
  if (slow > servers) throw new Error(`--slow ${slow} is more than the ${servers} servers there are`);
  const capacity = (servers - slow + slow / SLOWNESS) * SLOTS * (1000 / WORK_MS);
  return {
    seconds: wholeNumber("seconds", values.seconds ?? "14", 2),
    servers,
    slow,
    clients: wholeNumber("clients", values.clients ?? "4", 1),
    rate: wholeNumber("rate", values.rate ?? String(Math.round(0.6 * capacity)), 1),
    json: values.json,
    openPage: values["open-page"],
  };
}

function wholeNumber(name: string, text: string, atLeast: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= atLeast) return value;
  throw new Error(`--${name} takes a whole number of at least ${atLeast}, not ${text}`);
}
