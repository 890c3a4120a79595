import { ConnectError, type ContextValues, createContextKey, type HandlerContext, type Interceptor } from "@connectrpc/connect";
import { loadReportHeader } from "../orca.ts";
import { type EndCall, LoadSampler, type LoadSamplerOptions } from "./load-sampler.ts";
import { isServersFault } from "./servers-fault.ts";

/** Tells clients how loaded this server is. Install the interceptor, or the gate as well; neither can fail a call. */
export interface HealthReporter {
  /**
   * Goes into the `interceptors` of a Connect router, anywhere in the list. Puts a report into the response headers;
   * for gRPC into the trailers, and into the headers where a stream starts. A ConnectError carries it in its metadata.
   * Without the gate, two kinds of failed calls go without a report: an error that is no ConnectError, and one that came from
   * another server and was thrown on.
   */
  readonly interceptor: Interceptor;
  /**
   * Goes into the option `requestGate` of a Connect router, and covers every call, however it ends. With a gate of your
   * own, run this one first: `(context) => { health.requestGate(context); return authenticate(context); }`.
   */
  readonly requestGate: (context: HandlerContext) => void;
  /** Measures the load, once for both. */
  readonly sampler: LoadSampler;
}

/** Reports this server's load to its clients: `connectNodeAdapter({ routes, interceptors: [healthReporting()] })`. */
export function healthReporting(options: LoadSamplerOptions = {}): Interceptor {
  return createHealthReporter(options).interceptor;
}

/**
 * The interceptor of {@link healthReporting} together with a request gate. One reporter serves any number of routers.
 *
 * @throws RangeError when an option is out of its range.
 */
export function createHealthReporter(options: LoadSamplerOptions = {}): HealthReporter {
  const sampler = new LoadSampler(options);
  const followedCall = createContextKey<FollowedCall | undefined>(undefined, { description: "call followed by health reporting" });

  /** Counts a call until its signal aborts, which Connect sees to at the end of every call. Once only, whoever comes first. */
  function follow(values: ContextValues, signal: AbortSignal, gated: boolean): FollowedCall {
    const known = values.get(followedCall);
    if (known !== undefined) return known;
    const endCall = sampler.begin();
    const call: FollowedCall = { gated, end: (failed) => quietly(() => endCall(failed)) };
    values.set(followedCall, call);
    whenAborted(signal, () => call.end(isServersFault(signal.reason)));
    return call;
  }

  const report = (headers: Headers) => quietly(() => headers.set(loadReportHeader, sampler.encoded()));

  function requestGate(context: HandlerContext): void {
    const { responseHeader, responseTrailer, signal } = context;
    const isGrpc = context.protocolName === "grpc";
    if (!isGrpc || context.method.methodKind !== "unary") report(responseHeader);
    follow(context.values, signal, true);
    // Connect aborts the signal just before it sends the headers of its own unary protocol, and the trailers of gRPC.
    whenAborted(signal, () => report(isGrpc ? responseTrailer : responseHeader));
  }

  const interceptor: Interceptor = (next) => async (request) => {
    const call = follow(request.contextValues, request.signal, false);
    try {
      const response = await next(request);
      if (response.stream) {
        report(response.header);
        if (isGrpcRequest(request.header)) whenAborted(request.signal, () => report(response.trailer));
      } else {
        call.end(false);
        report(isGrpcRequest(request.header) ? response.trailer : response.header);
      }
      return response;
    } catch (error) {
      call.end(isServersFault(error));
      // Metadata is appended to what the gate has set: the report would be there twice.
      if (!call.gated && error instanceof ConnectError) report(error.metadata);
      throw error;
    }
  };

  return { interceptor, requestGate, sampler };
}

interface FollowedCall {
  readonly end: EndCall;
  /** The gate saw the call, and puts a report into whatever answers it. */
  readonly gated: boolean;
}

function isGrpcRequest(header: Headers): boolean {
  return /^application\/grpc(?!-web)/i.test(header.get("content-type") ?? "");
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act, { once: true });
}

/** A report is a courtesy: no call fails for it. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // The call goes without.
  }
}
