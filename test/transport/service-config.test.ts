import { channel } from "node:diagnostics_channel";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { BalancedTransportOptions, EndpointObserver, EndpointSource, ServiceConfig } from "../../src/index.ts";
import { type BalancedClient, readyClient } from "../support/balanced-client.ts";
import { type EchoServer, startEchoServer } from "../support/echo-server.ts";
import { endpointsOf } from "../support/endpoints-of.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import { use } from "../support/use.ts";

interface World extends BalancedClient {
  readonly servers: readonly EchoServer[];
  /** What the source says next: these servers, called so. */
  says(config?: unknown): void;
  readonly observer: EndpointObserver;
  /** What the logger was warned of. */
  readonly warnings: readonly string[];
  /** Who answered so many calls, one after the other. */
  answered(calls: number): Promise<readonly string[]>;
}

/** Three servers, and a source of one's own that tells of them. */
async function setUp(config?: ServiceConfig, options: BalancedTransportOptions = {}): Promise<World> {
  const servers = await Promise.all(["a", "b", "c"].map(async (name) => use(await startEchoServer({ name }))));
  const endpoints = endpointsOf(...servers);
  let observer: EndpointObserver | undefined;
  const source: EndpointSource = {
    watch(_target, given) {
      observer = given;
      queueMicrotask(() => given.onUpdate({ endpoints, config }));
      return { refresh() {}, close() {} };
    },
  };
  const warnings: string[] = [];
  const logger = { debug() {}, info() {}, warn: (_: object, message: string) => void warnings.push(message), error() {} };
  const { client, transport } = await readyClient(source, { logger, authority: "checkout.shop", ...options });
  const answered = async (calls: number) => {
    const names: string[] = [];
    for (let call = 0; call < calls; call++) names.push((await client.update({})).server?.name ?? "nobody");
    return names;
  };
  const says = (next?: unknown) => observer?.onUpdate({ endpoints, config: next as ServiceConfig });
  return { client, transport, servers, says, warnings, answered, observer: observer as unknown as EndpointObserver };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const turns = { policy: { name: "roundRobin" } };

describe("a configuration from discovery", () => {
  it("is in force, and inspect() tells from where each setting is", async () => {
    const { transport, answered } = await setUp({ ...turns, panicThreshold: 0.3 }, { overprovisioningFactor: 2 });
    const round = await answered(3);
    expect(new Set(round).size).toBe(3);
    expect(await answered(3)).toEqual(round);
    expect(transport.inspect().settings).toMatchObject({
      policy: { value: { name: "roundRobin" }, from: "discovery" },
      panicThreshold: { value: 0.3, from: "discovery" },
      overprovisioningFactor: { value: 2, from: "code" },
      slowStart: { from: "default" },
    });
  });

  it("changes at run time, with sessions and calls in flight left as they are", async () => {
    const opened: string[] = [];
    const { client, transport, says, answered } = await setUp();
    channel("meshless:session:opened").subscribe(() => opened.push("another one"));
    const held = client.update({ behavior: { delayMs: 200 } });
    says(turns);
    expect(new Set(await answered(3)).size).toBe(3);
    await held;
    await nextTurn();
    expect(opened).toEqual([]);
    expect(transport.inspect().endpoints.reduce((sum, { outcomes }) => sum + outcomes.success, 0)).toBe(4);
  });

  it("does not outrank what code sets", async () => {
    const servers = [use(await startEchoServer())];
    const { transport, says } = await setUp(turns, { policy: preferring(...servers) });
    says({ policy: { name: "random" } });
    expect(transport.inspect().settings.policy).toEqual({ value: "a function", from: "code" });
  });

  it.each<[string, unknown, string]>([
    ["an unknown policy", { policy: { name: "fastest" } }, 'policy.name: expected one of .*, got "fastest"'],
    ["a number out of its range", { panicThreshold: 50 }, "panicThreshold: expected a number from 0 to 1, got 50"],
    ["no object", "roundRobin", 'options: expected an object, got "roundRobin"'],
  ])("that can't be used leaves the last good one in force, and is told once: %s", async (_, bad, problem) => {
    const { transport, says, warnings, answered } = await setUp(turns);
    says(bad);
    says(bad);
    await nextTurn();
    const told = expect.stringMatching(`^the source's service configuration is refused, the last good one stays: ${problem}`);
    expect(warnings).toEqual([told]);
    expect(transport.inspect()).toMatchObject({ sourceError: told, settings: { policy: { value: turns.policy, from: "discovery" } } });
    expect(new Set(await answered(3)).size).toBe(3);
    says(turns);
    expect(transport.inspect().sourceError).toBeUndefined();
  });
});

describe("where there is no such service", () => {
  it("calls fail at once, by an error that names the target; what is known of its endpoints is kept for when it is back", async () => {
    const { client, transport, says, observer, answered } = await setUp(undefined, { shrinkGuard: false });
    await answered(3);
    const known = () => transport.inspect().endpoints.map(({ outcomes, sessions }) => [outcomes.success, sessions.length]);
    const before = known();
    observer.onUpdate({ exists: false });
    const rawMessage = "there is no such service as the given source of checkout.shop: its source says so";
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable, rawMessage });
    expect(transport.inspect().state).toBe("noSuchService");
    expect(known()).toEqual(before);
    says();
    expect(await answered(1)).toEqual([expect.stringMatching(/^[abc]$/)]);
    expect(transport.inspect().state).toBe("open");
  });

  it("a call in flight ends as it would have", async () => {
    const { client, observer } = await setUp();
    const held = client.update({ text: "on its way", behavior: { delayMs: 50 } });
    await nextTurn();
    observer.onUpdate({ exists: false });
    expect(await held).toMatchObject({ text: "on its way" });
  });
});
