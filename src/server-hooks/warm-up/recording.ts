import { type DescMethod, type DescMethodUnary, fromBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { list, optionsOf, required, such, text } from "../../check-options.ts";
import { ConfigurationError } from "../../configuration-error.ts";
import { readBounded } from "../../discovery/read-bounded.ts";
import type { WarmUpCall } from "./play.ts";

const format = "meshless-recording-1";

export interface RecordedCall {
  /** `shop.v1.CheckoutService/Pay` */
  readonly method: string;
  /** The message in base64. */
  readonly request: string;
}

interface Recording {
  readonly format: string;
  readonly calls: readonly RecordedCall[];
}

const check = optionsOf<Recording>({
  format: required(such(JSON.stringify(format), (value) => value === format)),
  calls: required(list("a list of calls", optionsOf<RecordedCall>({ method: required(text), request: required(text) }))),
});

export function writeRecording(calls: readonly RecordedCall[]): string {
  return JSON.stringify({ format, calls } satisfies Recording);
}

/**
 * The calls of a file that these routes can take, unary ones. None if there is no file yet.
 *
 * @throws whatever is wrong with the file
 */
export async function readRecording(file: string, maxBytes: number, handlers: readonly UniversalHandler[]): Promise<readonly WarmUpCall[]> {
  const json = await readBounded(file, 2 * maxBytes).catch(emptyIfMissing);
  if (json === undefined) return [];
  const recording: unknown = JSON.parse(json);
  const [problem] = check(recording, file);
  if (problem !== undefined) throw new ConfigurationError(problem);
  const byName = new Map(handlers.map(({ method }) => [nameOf(method), method]));
  return (recording as Recording).calls.flatMap((call) => toWarmUpCall(call, byName.get(call.method)));
}

export function nameOf({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}

function isUnary(method: DescMethod | undefined): method is DescMethodUnary {
  return method?.methodKind === "unary";
}

/** A method that is gone, or takes another message by now, is no reason not to start. */
function toWarmUpCall({ request }: RecordedCall, method: DescMethod | undefined): readonly WarmUpCall[] {
  if (!isUnary(method)) return [];
  try {
    const message = fromBinary(method.input, base64Decode(request));
    return [(transport) => transport.unary(method, undefined, undefined, undefined, message)];
  } catch {
    return [];
  }
}

function emptyIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
