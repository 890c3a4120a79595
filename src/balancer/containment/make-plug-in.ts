import { ConfigurationError } from "../../configuration-error.ts";
import { show } from "../../show.ts";
import { toError } from "../../to-error.ts";

/** What a function that the user gave has to make. */
export interface Wish {
  /** What is expected and an example of it, as the beginning of an error: `policy: expected a policy, such as roundRobin()`. */
  readonly sentence: string;
  /** `a picker` */
  readonly product: string;
  /** Which methods the product has: the first one it must have. */
  readonly methods: readonly [string, ...string[]];
}

/** Calls a function that the user gave. @throws ConfigurationError that says what it made, and what is expected */
export function makePlugIn<Args extends unknown[], Product>(maker: (...args: Args) => Product, args: Args, wish: Wish): Product {
  let product: Product;
  try {
    product = maker(...args);
  } catch (error) {
    const { message } = toError(error);
    // It took what it was given for its options.
    if (error instanceof ConfigurationError && message.startsWith(`${maker.name}.`)) throw uncalled(wish, maker.name);
    throw new ConfigurationError(`${wish.sentence}; it threw: ${message}`, { cause: error });
  }
  assertProduct(product, wish, maker.name);
  return product;
}

function assertProduct(product: unknown, wish: Wish, makerName: string): void {
  const { sentence, methods, product: name } = wish;
  const [needed] = methods;
  const made = product as Readonly<Record<string, unknown>> | null | undefined;
  if (typeof made?.[needed] !== "function") {
    if (made instanceof Promise) made.catch(() => {});
    if (typeof made === "function" && makerName !== "") throw uncalled(wish, makerName);
    throw new ConfigurationError(`${sentence}; it made ${show(made)} instead of ${name} with the method ${needed}`);
  }
  const wrong = methods.find((method) => made[method] !== undefined && typeof made[method] !== "function");
  if (wrong !== undefined) {
    throw new ConfigurationError(`${sentence}; the ${wrong} of ${name} is ${show(made[wrong])} instead of a function`);
  }
}

function uncalled({ sentence }: Wish, name: string): ConfigurationError {
  return new ConfigurationError(`${sentence}, got ${name} itself: call it, as in ${name}()`);
}
