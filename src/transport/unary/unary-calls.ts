import { create, type DescMessage, type DescMethodUnary, type MessageInitShape } from "@bufbuild/protobuf";
import type { ContextValues, Interceptor, Transport, UnaryRequest, UnaryResponse } from "@connectrpc/connect";
import type { CallLoop } from "../calls/call-loop.ts";
import type { CallsOptions } from "../connect/calls-options.ts";
import { CallPlanner } from "./call-planner.ts";
import { readingByConnect } from "./connect-reading.ts";
import { intercepted } from "./intercepted.ts";
import { LazyRequest } from "./lazy-message.ts";
import type { PlannedCallInit } from "./planned-call.ts";
import { UnaryAttempts } from "./unary-attempts.ts";
import { UnaryCall } from "./unary-call.ts";
import type { GivenHeaders } from "./wire-format.ts";
import { wireFormats } from "./wire-formats.ts";

/** Unary calls, with no more on the way of a usual one than it needs: neither iterators nor fetch's objects nor signals, but for who asks for them. */
export function createUnaryCalls(loop: CallLoop, options: CallsOptions): Transport["unary"] {
  const calls = new UnaryCalls(loop, options);
  return calls.run.bind(calls) as Transport["unary"];
}

class UnaryCalls {
  readonly #loop: CallLoop;
  readonly #interceptors: readonly Interceptor[];
  readonly #planner: CallPlanner<DescMethodUnary>;
  readonly #attempts: UnaryAttempts;

  constructor(loop: CallLoop, options: CallsOptions) {
    const { protocol, protocolOptions } = options;
    const format = wireFormats[protocol](protocolOptions);
    this.#loop = loop;
    this.#interceptors = options.interceptors;
    this.#planner = new CallPlanner(options, format);
    const reading = { format, readMaxBytes: protocolOptions.readMaxBytes, readByConnect: readingByConnect(protocol, protocolOptions) };
    this.#attempts = new UnaryAttempts({ ...options, format, fields: this.#planner.fields, reading });
  }

  async run(
    method: DescMethodUnary,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    headers: GivenHeaders | undefined,
    input: MessageInitShape<DescMessage>,
    contextValues: ContextValues | undefined,
  ): Promise<UnaryResponse> {
    const message = create(method.input, input);
    const init = this.#planner.plan({ method, signal, timeoutMs, headers, contextValues });
    const call = new UnaryCall(init, message);
    try {
      const answer = await (this.#interceptors.length === 0 ? this.#make(call) : this.#intercepted(call, init));
      init.stop.end();
      return answer;
    } catch (error) {
      throw init.stop.fail(error);
    }
  }

  #make(call: UnaryCall): Promise<UnaryResponse> {
    return this.#loop.run(call, (attempt) => this.#attempts.make(attempt, call));
  }

  /** Interceptors may change all of a request but its method, and make the call more than once. */
  #intercepted(call: UnaryCall, init: PlannedCallInit<DescMethodUnary>): Promise<UnaryResponse> {
    const { plan, url, header, message, contextValues, stop } = call;
    const request = new LazyRequest({ plan, url, header, message, contextValues, owner: stop, stream: false as const });
    return intercepted<UnaryRequest, UnaryResponse>(this.#interceptors, request, async (changed) => {
      const changedInit = this.#planner.changed(init, changed, changed === request);
      try {
        return await this.#make(new UnaryCall(changedInit, changed.message));
      } finally {
        if (changedInit.stop !== stop) changedInit.stop.end();
      }
    });
  }
}
