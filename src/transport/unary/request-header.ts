import type { Attempt } from "../calls/attempt.ts";
import type { RawHeaders } from "../calls/node-headers.ts";
import { writeTimeout } from "../connect/timeout-header.ts";
import type { GivenHeaders } from "./wire-format.ts";

/** The headers of one request, of which the `Headers` are made for who asks for them. Who has them may change them. */
export class RequestHeader {
  #made: Headers | undefined;
  readonly #own: RawHeaders | undefined;
  readonly #make: () => Headers;

  /**
   * @param own what it has beside the fields that all requests have; undefined: they must be made to know
   * @param make called once
   */
  constructor(own: RawHeaders | undefined, make: () => Headers) {
    this.#own = own;
    this.#make = make;
  }

  /** What it has of its own, as long as nobody can have changed it. */
  get own(): RawHeaders | undefined {
    return this.#made === undefined ? this.#own : undefined;
  }

  get headers(): Headers {
    this.#made ??= this.#make();
    return this.#made;
  }
}

/** Of this attempt alone, with the time that is left. */
export function headerOf({ clock, deadlineAtMs }: Attempt, { header }: { readonly header: RequestHeader }): RequestHeader {
  return new RequestHeader(header.own, () => {
    const headers = new Headers(header.headers);
    if (deadlineAtMs < Number.POSITIVE_INFINITY) writeTimeout(headers, deadlineAtMs - clock.now());
    return headers;
  });
}

/** One that an interceptor has put in the place of ours. */
export function madeHeader(headers: Headers): RequestHeader {
  return new RequestHeader(undefined, () => headers);
}

const plainName = /^[a-z0-9_.-]+$/;
/** Printable ASCII, and neither begins nor ends with a space. */
const plainValue = /^[!-~](?:[ -~]*[!-~])?$/;
const none: RawHeaders = [];

/**
 * Headers of the caller as they are sent, where that needs no thought: plain names and values. Undefined for any other, which `Headers` knows how to
 * read or refuse, and for the names that the protocol has for itself.
 */
export function plainFields(given: GivenHeaders | undefined, reserved: ReadonlySet<string>): RawHeaders | undefined {
  if (given === undefined) return none;
  const entries = given instanceof Headers ? given : isRecord(given) ? Object.entries(given) : undefined;
  if (entries === undefined) return undefined;
  const fields: string[] = [];
  for (const [name, value] of entries) {
    if (!plainName.test(name) || reserved.has(name) || typeof value !== "string" || !plainValue.test(value)) return undefined;
    fields.push(name, value);
  }
  return fields;
}

function isRecord(given: object): given is Record<string, string> {
  return Object.getPrototypeOf(given) === Object.prototype && !Object.hasOwn(given, Symbol.iterator);
}
