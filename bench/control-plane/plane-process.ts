import { createControlPlane } from "../../control-plane/src/index.ts";
import { onParentMessage, readOrder, tellParent } from "../../demo/parent.ts";
import { BenchRegistry } from "./bench-registry.ts";
import { machineNowMs } from "./machine-time.ts";
import { SentBytes } from "./sent-bytes.ts";
import { type Usage, usageNow } from "./usage.ts";

export interface PlaneOrder {
  /** 0: any. */
  readonly port: number;
  readonly services: number;
  readonly endpointsEach: number;
}

export type PlaneCommand =
  | { readonly is: "change"; readonly service: number; readonly times: number }
  | { readonly is: "measure"; readonly isExact: boolean };

export type PlaneReport =
  | { readonly is: "listening"; readonly port: number }
  | { readonly is: "changed"; readonly atMs: number }
  | ({ readonly is: "measured" } & PlaneUsage);

export interface PlaneUsage extends Usage {
  readonly connections: number;
  readonly bytesSent: number;
}

const { port, services, endpointsEach } = readOrder<PlaneOrder>();
const sent = new SentBytes();
const registry = new BenchRegistry(services, endpointsEach);
const controlPlane = createControlPlane({ registry });

onParentMessage<PlaneCommand>((command) => {
  if (command.is === "change") {
    const atMs = machineNowMs();
    for (let time = 0; time < command.times; time++) registry.change(command.service);
    tellParent<PlaneReport>({ is: "changed", atMs });
  } else {
    tellParent<PlaneReport>({ is: "measured", ...usageNow(command.isExact), ...sent.now });
  }
});
tellParent<PlaneReport>({ is: "listening", port: await controlPlane.listen(`127.0.0.1:${port}`) });
// Sockets do not hold the process; the channel to the parent does.
