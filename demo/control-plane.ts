import { createControlPlane, fileRegistry } from "meshless-control-plane";
import { readOrder, tellParent } from "./parent.ts";
import type { Listening } from "./server.ts";

export interface ControlPlaneOrder {
  readonly servicesFile: string;
  /** 0 for a free one. */
  readonly port: number;
}

const { servicesFile, port } = readOrder<ControlPlaneOrder>();
// The servers of a demo are on this machine. In a fleet none is, and such addresses are refused.
const controlPlane = createControlPlane({ registry: fileRegistry(servicesFile), allowAddresses: ["127.0.0.0/8"] });
tellParent<Listening>({ port: await controlPlane.listen(`127.0.0.1:${port}`) });
