import { type Code, ConnectError } from "@connectrpc/connect";
import type { BalancedTransportOptions, GrpcMethodConfig, GrpcServiceConfig } from "../../src/index.ts";
import { readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { type SeenCall, startEchoServer } from "../support/echo-server.ts";
import { use } from "../support/use.ts";

export const service = "meshless.testing.v1.EchoService";
export const plenty = { retry: { budget: { share: 1, minPerSecond: 1_000 } } };
const instant = { initialBackoff: ".01s", maxBackoff: ".01s", backoffMultiplier: 1 };
export const retrying = (maxAttempts: number, ...retryableStatusCodes: string[]): Partial<GrpcMethodConfig> => ({
  retryPolicy: { maxAttempts, ...instant, retryableStatusCodes },
});
export const hedging = (maxAttempts: number, ...nonFatalStatusCodes: string[]): Partial<GrpcMethodConfig> => ({
  hedgingPolicy: { maxAttempts, hedgingDelay: "60s", nonFatalStatusCodes },
});

/** The error that a server answers with; undefined: none. */
type Given = Code | ConnectError | undefined;

/** One server, or as many as there may be attempts, for hedges, which go elsewhere. `answer` gets the number of the attempt over all servers, from 0. */
export async function setUp(
  methodConfig: Partial<GrpcMethodConfig>,
  answer: (attempt: number, call: SeenCall) => Given | Promise<Given>,
  rest: GrpcServiceConfig = {},
  servers = 1,
  options: BalancedTransportOptions = {},
) {
  let attempts = 0;
  const onCall = async (call: SeenCall) => {
    const given = await answer(attempts++, call);
    if (given !== undefined) throw given instanceof ConnectError ? given : new ConnectError("as asked", given);
  };
  const started = await Promise.all(Array.from({ length: servers }, async () => use(await startEchoServer({ onCall }))));
  const serviceConfig = { methodConfig: [{ name: [{ service }], ...methodConfig }], ...rest };
  const { client } = await readyClient(staticTarget(...started), {
    protocol: "grpc",
    serviceConfig,
    ejection: false,
    ...plenty,
    ...options,
  });
  const codeOf = async (call: Promise<unknown>) =>
    (await call.then(
      () => undefined,
      (error: ConnectError) => error.code,
    )) ?? 0;
  return { client, attempts: () => attempts, codeOf };
}
