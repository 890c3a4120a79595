import { createClient } from "@connectrpc/connect";
import { createBalancedTransport } from "meshless";
import { expect, test } from "vitest";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { use } from "../support/use.ts";
import { runUpdateScript } from "./update-script.ts";

test.each(["endpoints", "listener"] as const)(
  "our own client follows a fleet that changes without a failed call, where it asks for the %s first",
  { timeout: 120_000 },
  async (first) => {
    const calls = await runUpdateScript(async (port, service) => {
      const discovery = { xds: { controlPlane: `127.0.0.1:${port}`, first } };
      const transport = use(createBalancedTransport(`xds:///${service}`, { discovery, slowStart: false }));
      const client = createClient(EchoService, transport);
      return async () => (await client.echo({ text: "x" })).server?.name ?? "nobody";
    });
    expect(calls).toBeGreaterThan(2_000);
  },
);
