import { describe, expect, it } from "vitest";
import { type BalancedTransportOptions, ConfigurationError, createBalancedTransport, type Logger, type Policy } from "../../src/index.ts";
import { healthReporting } from "../../src/server-hooks/index.ts";
import { balancedClient, inFlight, openStreams } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const fails = (): never => {
  throw new Error("boom");
};

const rejects = (async () => fails()) as never;

const policyWith =
  (methods: Partial<ReturnType<Policy>>): Policy =>
  ({ candidates }) => ({ pick: (context) => candidates.sample(context), ...methods });

/** A logger that keeps what is worse than a warning. */
function errorLog(): Logger & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  return { lines, debug() {}, info() {}, warn() {}, error: (_, message) => void lines.push(message) };
}

async function setUp(options: BalancedTransportOptions) {
  const servers = [use(await startEchoServer({ interceptors: [healthReporting()] })), use(await startEchoServer())];
  return { servers, ...balancedClient(staticTarget(...servers), options) };
}

describe("calls succeed, their load is released, close() ends, and it is logged once, when", () => {
  it.each<[string, string, BalancedTransportOptions]>([
    ["a policy throws in pick", "policy failed in pick", { policy: policyWith({ pick: fails }) }],
    ["a policy throws in membership", "policy failed in membership", { policy: policyWith({ membership: fails }) }],
    ["a policy throws in onStart", "policy failed in onStart", { policy: policyWith({ onStart: fails }) }],
    ["a policy throws in onReport", "policy failed in onReport", { policy: policyWith({ onReport: fails }) }],
    ["a policy throws in onSettle", "policy failed in onSettle", { policy: policyWith({ onSettle: fails }) }],
    ["a policy rejects in onSettle", "policy failed in onSettle", { policy: policyWith({ onSettle: rejects }) }],
    ["a detector throws", "detector failed in onOutcome", { ejection: { detectors: [() => ({ onOutcome: fails })] } }],
    ["a detector rejects", "detector failed in onOutcome", { ejection: { detectors: [() => ({ onOutcome: rejects })] } }],
  ])("%s", async (_, line, options) => {
    const logger = errorLog();
    const { client, transport } = await setUp({ ...options, logger });
    for (let call = 0; call < 10; call++) await client.update({});
    await collect(client.count({ count: 3 }));
    await eventually(() => inFlight(transport) === 0 && openStreams(transport) === 0);
    await transport.close();
    expect(logger.lines).toEqual([expect.stringContaining(line)]);
  });
});

const logger = { debug() {}, info() {}, warn() {}, error() {} };

describe("is refused when the transport is made:", () => {
  it.each<[string, unknown, string]>([
    ["a policy that throws", { policy: fails }, "policy: expected a policy, such as roundRobin(); it threw: boom"],
    [
      "a policy that returns nothing",
      { policy: () => undefined },
      "policy: expected a policy, such as roundRobin(); it made nothing instead of a picker with a pick method",
    ],
    ["a logger without a method", { logger: { ...logger, warn: undefined } }, "logger.warn: expected a method, got nothing"],
    ["no logger", { logger: null }, "logger: expected a logger such as pino's, with the methods debug, info, warn, error, got null"],
  ])("%s", (_, options, message) => {
    expect(() => createBalancedTransport("static:///127.0.0.1:1", options as BalancedTransportOptions)).toThrow(
      new ConfigurationError(message),
    );
  });
});
