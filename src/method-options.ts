import { type Check, durationMs, flag, optionsOf } from "./check-options.ts";
import { expected } from "./configuration-error.ts";
import { checkHedging, type HedgingOptions } from "./hedging-options.ts";
import { isObject } from "./is-object.ts";
import { checkMethodRetry, type MethodRetryOptions } from "./retry-options.ts";

/** A method of a generated service, such as `CheckoutService.method.pay`. */
export interface MethodDescriptor {
  readonly name: string;
  readonly parent: { readonly typeName: string };
  readonly methodKind?: string;
}

/** How calls of one method are made. What is left out is as for all methods. */
export interface MethodOptions {
  /**
   * Whether the method may be carried out twice, whatever its schema says. Default: as `idempotency_level` in its schema has it,
   * true for `NO_SIDE_EFFECTS` and `IDEMPOTENT`.
   */
  readonly idempotent?: boolean | undefined;
  /**
   * How it is made again; false: only where no server has seen it. Of a method that is not idempotent, answers with one of the codes are repeated, and nothing
   * else: who writes this says that a server that gives them has done nothing.
   */
  readonly retry?: MethodRetryOptions | false | undefined;
  /**
   * Makes calls that take long a second time while the first attempt goes on: for methods that may be carried out twice at once. Of unary methods only;
   * in place of `retry`.
   */
  readonly hedging?: true | HedgingOptions | undefined;
  /** Whether calls wait for an endpoint where none can be reached, rather than fail. Default: as for all. */
  readonly waitForReady?: boolean | undefined;
  /** Deadline of calls that set none, in ms. Default `defaultTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
}

/** Options by method: `[[CheckoutService.method.pay, { idempotent: true }]]`. */
export type MethodList = readonly (readonly [method: MethodDescriptor, options: MethodOptions])[];

/** `package.Service/Method` */
export function methodName({ parent, name }: MethodDescriptor): string {
  return `${parent.typeName}/${name}`;
}

const checkOptions = optionsOf<MethodOptions>({
  idempotent: flag,
  retry: checkMethodRetry,
  hedging: checkHedging,
  waitForReady: flag,
  timeoutMs: durationMs,
});

export const checkMethods: Check<MethodList> = (value, path) => {
  if (!Array.isArray(value)) return [expected(path, "a list of methods with their options", value)];
  const seen = new Set<string>();
  return value.flatMap((pair: unknown, place) => checkPair(pair, `${path}[${place}]`, seen));
};

function checkPair(pair: unknown, path: string, seen: Set<string>): readonly string[] {
  if (!Array.isArray(pair) || pair.length !== 2)
    return [expected(path, "a method and its options, [CheckoutService.method.pay, { ... }]", pair)];
  const [method, options] = pair as [unknown, unknown];
  if (!isMethod(method)) return [expected(`${path}[0]`, "a method of a generated service, such as CheckoutService.method.pay", method)];
  const name = methodName(method);
  if (seen.has(name)) return [`${path}[0]: ${name} is in the list already; put its options together`];
  seen.add(name);
  const isStream = method.methodKind !== undefined && method.methodKind !== "unary";
  const isHedged = isObject(options) && options.hedging !== undefined;
  if (isStream && isHedged) return [`${path}[1].hedging: ${name} is a stream, and unary methods alone can be hedged; leave it out`];
  return checkOptions(options, `${path}[1]`);
}

function isMethod(value: unknown): value is MethodDescriptor {
  return isObject(value) && typeof value.name === "string" && isObject(value.parent) && typeof value.parent.typeName === "string";
}
