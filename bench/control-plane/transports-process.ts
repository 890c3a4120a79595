import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { createBalancedTransport } from "meshless";
import { onParentMessage, readOrder, tellParent } from "../../demo/parent.ts";
import { machineNowMs } from "./machine-time.ts";

/** Transports as users have them, each with a stream of its own though they share a process. */
export interface TransportsOrder {
  readonly port: number;
  readonly firstId: number;
  readonly count: number;
}

/** When connections to the control plane were tried since that was asked for last, in machine time. */
export interface Attempts {
  readonly atMs: readonly number[];
}

const { port, firstId, count } = readOrder<TransportsOrder>();
let atMs: number[] = [];
subscribe("net.client.socket", (message) => {
  const { socket } = message as { readonly socket: Socket };
  // The endpoints are dialled too, and their sessions have nothing to do with it.
  socket.once("connectionAttempt", (_address, dialled) => {
    if (dialled === port) atMs.push(machineNowMs());
  });
});

for (let index = 0; index < count; index++) {
  const xds = { controlPlane: `127.0.0.1:${port}`, node: { id: `client-${firstId + index}` } };
  createBalancedTransport("xds:///s0.bench:80", { discovery: { xds } });
}

onParentMessage(() => {
  tellParent<Attempts>({ atMs });
  atMs = [];
});
