import { expect, it } from "vitest";
import { createBalancedTransport } from "../../src/index.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

it("inspect() tells of a source's trouble, and for how long it lasts, until the source finds the same endpoints again", async () => {
  const dns = { isDown: false };
  const resolver = {
    lookup: async () => {
      if (dns.isDown) throw Object.assign(new Error("queryA ESERVFAIL"), { code: "ESERVFAIL" });
      return ["10.0.0.1"];
    },
    resolveSrv: async () => [],
  };
  const discovery = { dns: { resolver, refreshIntervalMs: 1, minRefreshIntervalMs: 1 } };
  const transport = use(createBalancedTransport("dns:///checkout.shop:80", { discovery }));
  await eventually(() => transport.inspect().notices.length === 1);
  dns.isDown = true;
  await eventually(() => transport.inspect().sourceError !== undefined);
  const { sourceErrorForMs: earlier = Number.NaN } = transport.inspect();
  await eventually(() => (transport.inspect().sourceErrorForMs ?? 0) > earlier + 5);
  dns.isDown = false;
  await eventually(() => transport.inspect().sourceError === undefined);
  expect(transport.inspect()).not.toHaveProperty("sourceErrorForMs");
  expect(transport.inspect().notices).toHaveLength(1);
});
