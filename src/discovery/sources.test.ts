import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { ConfigurationError } from "../configuration-error.ts";
import type { EndpointUpdate } from "./endpoint-source.ts";
import { type SourceOptions, sourceFor } from "./sources.ts";

async function firstIds(target: string, options: SourceOptions = {}): Promise<readonly string[]> {
  const { source, name } = sourceFor(target, options);
  const { promise, resolve, reject } = Promise.withResolvers<EndpointUpdate>();
  const watch = source.watch(name, { onUpdate: resolve, onError: reject });
  const { endpoints = [] } = await promise.finally(() => watch.close());
  return endpoints.map(({ id }) => id);
}

test("finds the source of each scheme", async () => {
  const resolver = { lookup: async () => ["10.0.0.1", "10.0.0.2"], resolveSrv: async () => [] };
  expect(await firstIds("static:///10.0.0.1:80,10.0.0.2:80")).toEqual(["10.0.0.1:80", "10.0.0.2:80"]);
  expect(await firstIds("dns:///checkout.shop:80", { dns: { resolver } })).toEqual(["10.0.0.1:80", "10.0.0.2:80"]);
  await expect(firstIds("file:///no/such/file.json")).rejects.toThrow("file: /no/such/file.json: ENOENT");
});

test("says what the target is", () => {
  expect(sourceFor("dns:///checkout.shop:80")).toMatchObject({ scheme: "dns", name: "checkout.shop:80" });
});

test.each([
  ["checkout.shop:80", `target "checkout.shop:80" has no scheme; write "dns:///checkout.shop:80"`],
  ["dns:///checkout.shop", "dns: checkout.shop has no port; write dns:///checkout.shop:8080, or for SRV dns:///_grpc._tcp.checkout.shop"],
  ["static:///10.0.0.1", `endpoints[0]: expected "host:port" with a port from 1 to 65535, IPv6 in brackets, got "10.0.0.1"`],
  ["xds:///checkout.shop:grpc", "xds: targets are for createBalancedTransport(), which brings the connection to the control plane"],
])("%s is refused at once", (target, message) => {
  expect(() => sourceFor(target)).toThrow(new ConfigurationError(message));
});

test.each(["static:///10.0.0.1:80", "dns:///localhost:80", `file:${import.meta.dirname}/no-such-file.json`])(
  "watching %s keeps no process alive",
  async (target) => {
    const program = `
      import { sourceFor } from ${JSON.stringify(new URL("sources.ts", import.meta.url).href)};
      const { source, name } = sourceFor(${JSON.stringify(target)});
      source.watch(name, { onUpdate() {}, onError() {} });
    `;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
    expect(await once(worker, "exit")).toEqual([0]);
  },
);
