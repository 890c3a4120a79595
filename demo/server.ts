import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { guarded, healthReporting } from "meshless/server-hooks";
import { EchoService } from "../test/gen/meshless/testing/v1/echo_pb.ts";
import { readOrder, tellParent } from "./parent.ts";
import { WorkSlots } from "./work-slots.ts";

export interface ServerOrder {
  readonly name: string;
  /** Calls that are worked on at a time. */
  readonly slots: number;
  /** How long the work of one call takes. */
  readonly workMs: number;
}

/** What a server says once: it listens. */
export interface Listening {
  readonly port: number;
}

const { name, slots, workMs } = readOrder<ServerOrder>();
const workers = new WorkSlots(slots);

const routes = (router: ConnectRouter) =>
  router.service(EchoService, {
    async echo({ text }, { signal }) {
      await workers.run(() => {
        // The caller may have given up while the call stood in line.
        signal.throwIfAborted();
        return delay(workMs);
      });
      return { text, server: { name } };
    },
  });

const server = createServer(guarded(connectNodeAdapter({ routes, interceptors: [healthReporting()] })));
server.listen(0, "127.0.0.1", () => tellParent<Listening>({ port: (server.address() as AddressInfo).port }));
