import type { Attempt } from "../calls/attempt.ts";
import { appendHeaders, appendOwn, ownHeaders, type RawHeaders } from "../calls/node-headers.ts";
import { timeoutValue } from "../connect/timeout-header.ts";
import type { MethodPlan } from "./method-plan.ts";
import type { WireFormat } from "./wire-format.ts";

/** As many endpoints as a method's headers are kept for. */
const maxHeads = 1_000;

/** What it is to know of a protocol. */
export type FieldsFormat = Pick<WireFormat, "header" | "timeoutName" | "encodingName">;

export interface FieldsOptions {
  readonly format: FieldsFormat;
  readonly scheme: string;
  /** As it stands at the front of every URL. */
  readonly origin: string;
  /** Undefined: the dialled address. */
  readonly authority: string | undefined;
  /** What requests are compressed with. */
  readonly encoding: string | undefined;
}

type FieldsPlan = Pick<MethodPlan, "heads" | "path">;

/** Makes of the headers of a request what Node.js sends. */
export class RequestFields {
  /** Names that callers' headers must not have as they are. */
  readonly reserved: ReadonlySet<string>;
  readonly #options: FieldsOptions;
  /** Those of a request that has none of its own. */
  readonly #common: RawHeaders;

  constructor(options: FieldsOptions) {
    const { format } = options;
    this.#options = options;
    const common = format.header(undefined, undefined);
    this.reserved = new Set([...common.keys(), "connect-timeout-ms", "grpc-timeout", "content-encoding", "grpc-encoding", ...ownHeaders]);
    if (format.encodingName !== undefined) common.delete(format.encodingName);
    this.#common = appendHeaders([], common);
  }

  /** Of a request that adds `own` to what all have. */
  plain(plan: FieldsPlan, attempt: Attempt, own: RawHeaders, isCompressed: boolean): RawHeaders {
    const { format, encoding, authority = attempt.place.address } = this.#options;
    const { deadlineAtMs, mayBounce, previous, clock } = attempt;
    const head = this.#headOf(plan, authority);
    const hasDeadline = deadlineAtMs < Number.POSITIVE_INFINITY;
    if (own.length === 0 && !hasDeadline && mayBounce + previous === 0 && !isCompressed) return head;
    const fields = [...head, ...own];
    if (hasDeadline) fields.push(format.timeoutName, timeoutValue(format.timeoutName, deadlineAtMs - clock.now()));
    if (isCompressed && format.encodingName !== undefined) fields.push(format.encodingName, encoding as string);
    return appendOwn(fields, attempt);
  }

  /** Of a request whose headers are these. */
  of(headers: Headers, attempt: Attempt, method: string, url: string): RawHeaders {
    const { origin, authority = attempt.place.address } = this.#options;
    return appendOwn(appendHeaders(this.#pseudo(method, pathOf(url, origin), authority), headers), attempt);
  }

  #headOf({ heads, path }: FieldsPlan, authority: string): RawHeaders {
    const known = heads.get(authority);
    if (known !== undefined) return known;
    if (heads.size >= maxHeads) heads.clear();
    const head = [...this.#pseudo("POST", path, authority), ...this.#common];
    heads.set(authority, head);
    return head;
  }

  #pseudo(method: string, path: string, authority: string): string[] {
    return [":method", method, ":path", path, ":scheme", this.#options.scheme, ":authority", authority];
  }
}

/** @param origin as it stands at the front of the URL, unless an interceptor changed that: then its path is used, its host is not */
function pathOf(url: string, origin: string): string {
  if (url.startsWith(origin) && url.charCodeAt(origin.length) === 47 /* / */) return url.slice(origin.length);
  const { pathname, search } = new URL(url);
  return pathname + search;
}
