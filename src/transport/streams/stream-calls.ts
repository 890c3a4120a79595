import type { DescMessage, DescMethodStreaming, MessageInitShape } from "@bufbuild/protobuf";
import {
  type ContextValues,
  createContextValues,
  type Interceptor,
  type StreamRequest,
  type StreamResponse,
  type Transport,
} from "@connectrpc/connect";
import type { Attempt } from "../calls/attempt.ts";
import type { CallLoop } from "../calls/call-loop.ts";
import type { CallsOptions } from "../connect/calls-options.ts";
import { CallPlanner } from "../unary/call-planner.ts";
import { intercepted } from "../unary/intercepted.ts";
import { LazyRequest } from "../unary/lazy-message.ts";
import type { PlannedCallInit } from "../unary/planned-call.ts";
import type { GivenHeaders } from "../unary/wire-format.ts";
import { CallMessages } from "./call-messages.ts";
import { fromFirstMessage } from "./first-message.ts";
import { RequestMessages } from "./request-messages.ts";
import { StreamAttempts } from "./stream-attempts.ts";
import { StreamCall } from "./stream-call.ts";
import { streamFormats } from "./stream-formats.ts";

/** Streams: a message passes no more on its way than it needs. */
export function createStreamCalls(loop: CallLoop, options: CallsOptions): Transport["stream"] {
  const calls = new StreamCalls(loop, options);
  return calls.run.bind(calls) as Transport["stream"];
}

class StreamCalls {
  readonly #loop: CallLoop;
  readonly #interceptors: readonly Interceptor[];
  readonly #planner: CallPlanner<DescMethodStreaming>;
  readonly #attempts: StreamAttempts;

  constructor(loop: CallLoop, options: CallsOptions) {
    const format = streamFormats[options.protocol](options.protocolOptions);
    this.#loop = loop;
    this.#interceptors = options.interceptors;
    this.#planner = new CallPlanner(options, format);
    this.#attempts = new StreamAttempts({ ...options, format, fields: this.#planner.fields });
  }

  async run(
    method: DescMethodStreaming,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    headers: GivenHeaders | undefined,
    input: AsyncIterable<MessageInitShape<DescMessage>>,
    contextValues: ContextValues | undefined,
  ): Promise<StreamResponse> {
    const messages = new RequestMessages(method.input, input);
    const init = this.#planner.plan({ method, signal, timeoutMs, headers, contextValues, owner: messages });
    try {
      const isPlain = this.#interceptors.length === 0;
      const response = await (isPlain ? this.#make(new StreamCall(init, messages)) : this.#intercepted(init, messages));
      return { ...response, message: new CallMessages(response.message, init.stop) };
    } catch (error) {
      throw init.stop.fail(error);
    }
  }

  /** Interceptors may change all of a request but its method, and make the call more than once. */
  #intercepted(init: PlannedCallInit<DescMethodStreaming>, messages: RequestMessages): Promise<StreamResponse> {
    const { plan, url, header, stop, contextValues = createContextValues() } = init;
    const request = new LazyRequest({ plan, url, header, contextValues, message: messages, owner: stop, stream: true as const });
    return intercepted<StreamRequest, StreamResponse>(this.#interceptors, request, (changed) => {
      const changedInit = this.#planner.changed(init, changed, changed === request);
      if (changedInit.stop !== stop) changedInit.stop.follow(stop);
      return this.#make(new StreamCall(changedInit, changed.message));
    });
  }

  async #make(call: StreamCall): Promise<StreamResponse> {
    try {
      return await this.#loop.run(call, (attempt) => this.#attempt(attempt, call));
    } finally {
      call.commit();
    }
  }

  async #attempt(attempt: Attempt, call: StreamCall): Promise<StreamResponse> {
    try {
      const response = await this.#attempts.make(attempt, call);
      const begun = waitsForMessage(call) ? { ...response, message: await fromFirstMessage(response.message) } : response;
      call.commit();
      return begun;
    } catch (error) {
      call.halt();
      throw error;
    }
  }
}

/**
 * Whether a response begins with its first message rather than with its headers: an error in place of that message may lead to another attempt. Not
 * where requests may depend on what comes back.
 */
function waitsForMessage({ plan, rules }: StreamCall): boolean {
  return plan.method.methodKind !== "bidi_streaming" && rules.retry.codes.size > 0;
}
