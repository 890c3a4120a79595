import type { Endpoint } from "meshless";
import { createBalancer } from "../../src/balancer/index.ts";
import { systemClock } from "../../src/clock.ts";
import { controlPlaneChannel } from "../../src/control-plane-channel.ts";
import { controlPlaneTransport } from "../../src/create-balanced-transport.ts";
import { CheckedWatch } from "../../src/discovery/checked-watch.ts";
import { bootstrapOf } from "../../src/discovery/xds/bootstrap.ts";
import { xdsSource } from "../../src/discovery/xds-source.ts";

export interface PickerClientOptions {
  readonly port: number;
  /** Each has a stream of its own, though they share a process. */
  readonly id: string;
  readonly service: string;
  /** The picker knows the set, or what has changed in it. */
  readonly onKnown: () => void;
}

/**
 * All of a client up to its picker: stream, reading, checks and balancer. The sessions to the endpoints are left out. A hundred clients of a thousand
 * servers would have a hundred thousand, which one machine does not hold, and which an update does not touch.
 */
export function startPickerClient({ port, id, service, onKnown }: PickerClientOptions): void {
  const bootstrap = bootstrapOf({ controlPlane: `127.0.0.1:${port}`, node: { id } }, {}, undefined);
  const parts = { clock: systemClock, random: Math.random };
  const source = xdsSource({
    bootstrap,
    servers: bootstrap.servers.map(({ label, target }) => ({ label, target, credentials: undefined })),
    ...parts,
    loadChannel: async () => (server) => controlPlaneChannel(() => controlPlaneTransport(server.target, undefined, parts)),
  });
  const balancer = createBalancer({ random: Math.random });
  let known: readonly Endpoint[] | undefined;
  new CheckedWatch(source, service, {
    onUpdate(update) {
      // After a trouble, what is known is told again.
      if (update.exists === false || update.endpoints === known) return;
      known = update.endpoints;
      const nowMs = systemClock.now();
      balancer.configure(update.config ?? {}, nowMs);
      balancer.update(update.endpoints, nowMs);
      onKnown();
    },
    // It tries again.
    onError() {},
  });
}
