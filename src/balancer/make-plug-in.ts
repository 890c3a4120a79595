import { show } from "../show.ts";
import { toError } from "../to-error.ts";

/** What a function that the user gave has to make. */
export interface Wish {
  /** What is expected and an example of it, as the beginning of an error: `policy: expected a policy, such as roundRobin()`. */
  readonly sentence: string;
  /** `a picker` */
  readonly product: string;
  /** Which methods the product has: the first one it must have. */
  readonly methods: readonly [string, ...string[]];
}

/**
 * Calls a function that the user gave, and checks what it makes.
 *
 * @throws TypeError that says what was given or made, and what is expected
 */
export function makePlugIn<Args extends unknown[], Product>(maker: (...args: Args) => Product, args: Args, wish: Wish): Product {
  const given: unknown = maker;
  if (typeof given !== "function") throw new TypeError(`${wish.sentence}, got ${show(given)}`);
  let product: Product;
  try {
    product = maker(...args);
  } catch (error) {
    throw new TypeError(`${wish.sentence}; it threw: ${toError(error).message}`, { cause: error });
  }
  assertProduct(product, wish, maker.name);
  return product;
}

function assertProduct(product: unknown, { sentence, product: name, methods }: Wish, makerName: string): void {
  const [needed] = methods;
  const made = product as Readonly<Record<string, unknown>> | null | undefined;
  if (typeof made?.[needed] !== "function") {
    if (made instanceof Promise) made.catch(() => {});
    const advice = typeof made === "function" && makerName !== "" ? `: call it, as in ${makerName}()` : "";
    throw new TypeError(`${sentence}; it made ${show(made)} instead of ${name} with ${article(needed)} ${needed} method${advice}`);
  }
  const wrong = methods.find((method) => made[method] !== undefined && typeof made[method] !== "function");
  if (wrong !== undefined) throw new TypeError(`${sentence}; the ${wrong} of ${name} is ${show(made[wrong])} instead of a function`);
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? "an" : "a";
}
