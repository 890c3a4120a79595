// What a user plugs in, written by README.md and docs/architecture.md alone: a policy, a source and an observer. Calls Echo with them, and prints what came of it.
import { createClient } from "@connectrpc/connect";
import { type CallObserver, createBalancedTransport, type Endpoint } from "meshless";
import type { Member, Policy } from "meshless/balancer";
import type { EndpointObserver, EndpointSource } from "meshless/discovery";
import { EchoService } from "./gen-esm/meshless/testing/v1/echo_pb.js";

/** Of all that may take the call, the one that reports the most room; where they report none, the one with fewer calls in flight. */
const roomiest: Policy = ({ candidates }) => {
  const busy = ({ report, inFlight }: Member) => report?.utilization ?? inFlight;
  return {
    pick(context) {
      let best: Member | undefined;
      for (let place = 0; place < candidates.places(context); place++) {
        const member = candidates.at(context, place);
        if (member !== undefined && (best === undefined || busy(member) < busy(best))) best = member;
      }
      return best;
    },
    describe: (member) => `busy by ${busy(member)}`,
  };
};

/** Endpoints that somebody else pushes, as a registry would. */
class PushedEndpoints implements EndpointSource {
  readonly #observers = new Set<EndpointObserver>();
  #endpoints: readonly Endpoint[] = [];

  watch(_target: string, observer: EndpointObserver) {
    this.#observers.add(observer);
    queueMicrotask(() => observer.onUpdate({ endpoints: this.#endpoints }));
    return { refresh: () => {}, close: () => void this.#observers.delete(observer) };
  }

  push(addresses: readonly string[]): void {
    this.#endpoints = addresses.map(toEndpoint);
    for (const observer of this.#observers) observer.onUpdate({ endpoints: this.#endpoints });
  }
}

function toEndpoint(address: string): Endpoint {
  const { hostname, port } = new URL(`http://${address}`);
  return { id: address, address: hostname, port: Number(port), weight: 1, priority: 0, health: "healthy", labels: {} };
}

/** Who answered how many calls, and how many attempts failed. */
class Tally implements CallObserver {
  readonly answers: Record<string, number> = {};
  failures = 0;

  onCall() {
    let last = "";
    return {
      onAttempt: ({ endpoint }: { endpoint: Endpoint }) => {
        last = endpoint.id;
        return { onEnd: ({ outcome }: { outcome: { kind: string } }) => void (outcome.kind === "success" || this.failures++) };
      },
      onEnd: ({ code }: { code: number }) => {
        if (code === 0) this.answers[last] = (this.answers[last] ?? 0) + 1;
      },
    };
  }
}

const [first = "", ...others] = (process.argv[2] ?? "").split(",");
const source = new PushedEndpoints();
const tally = new Tally();
source.push([first]);
const transport = createBalancedTransport(source, { policy: roomiest, observer: tally });
const client = createClient(EchoService, transport);
await client.echo({ text: "one" });
source.push([first, ...others]);
await client.echo({ text: "another" });
const answered = Object.values(tally.answers).reduce((sum, calls) => sum + calls);
console.log(JSON.stringify({ answered, failures: tally.failures, says: transport.inspect().endpoints[0]?.policySays }));
await transport.close();
