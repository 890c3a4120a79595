// What readers of the documentation bring along: names that its snippets use without saying where they come from.
import type { Server } from "node:net";
import type { Message } from "@bufbuild/protobuf";
import type { GenMessage, GenService } from "@bufbuild/protobuf/codegenv2";
import type { Client, ConnectRouter, Interceptor, Transport } from "@connectrpc/connect";
import type { Telemetry } from "../../src/observability/index.ts";
import type { HealthReporter } from "../../src/server-hooks/index.ts";

type PayRequest = Message<"shop.PayRequest"> & { order: string; userId: string };
type PayReply = Message<"shop.PayReply"> & { receipt: string };
type QuoteRequest = Message<"shop.QuoteRequest"> & { items: string[] };
type Checkout = GenService<{
  quote: { methodKind: "unary"; input: GenMessage<QuoteRequest>; output: GenMessage<PayReply> };
  pay: { methodKind: "unary"; input: GenMessage<PayRequest>; output: GenMessage<PayReply> };
}>;

declare global {
  /** As `protoc-gen-es` writes it. */
  const CheckoutService: Checkout;
  const checkout: Client<Checkout>;
  const request: PayRequest;
  const routes: (router: ConnectRouter) => void;
  const auth: Interceptor;
  const authenticate: (header: Headers) => void;
  const target: string;
  const receiptOf: (order: string, transport: Transport) => Promise<string>;
  const health: HealthReporter;
  const server: Server;
  /** Of connections to a database. */
  const pool: { end(): Promise<void> };
  const watchOrders: (options: { signal: AbortSignal }) => AsyncIterable<PayRequest>;
  const cert: string;
  const key: string;
  /** What `telemetry(...)` gives. */
  const otel: Telemetry;
  /** As of OpenTelemetry. */
  const tracer: {
    startActiveSpan<T>(
      name: string,
      options: { attributes: Record<string, string | number | undefined> },
      run: (span: { end(): void }) => T,
    ): T;
  };
}
