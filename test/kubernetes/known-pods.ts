import type { BalancedTransport } from "meshless";
import { eventually } from "../support/until.ts";

/** For tests: all that a client ever knew, each pod by the last number of its address, such as `1,2`. */
export class KnownPods {
  readonly history: string[] = [];
  readonly #transport: BalancedTransport;
  readonly #eachTurn: () => void;

  /** @param eachTurn what else is done while it waits */
  constructor(transport: BalancedTransport, eachTurn: () => void = () => {}) {
    this.#transport = transport;
    this.#eachTurn = eachTurn;
  }

  /** Resolves once the client knows these pods, and no others. */
  async are(pods: string): Promise<void> {
    await eventually(() => {
      const addresses = this.#transport.inspect().endpoints.map(({ endpoint: { address } }) => address.split(".").at(-1));
      const now = addresses.toSorted().join();
      if (now !== this.history.at(-1)) this.history.push(now);
      this.#eachTurn();
      return now === pods;
    });
  }
}
