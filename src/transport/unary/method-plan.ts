import type { DescMessage, DescMethod, DescMethodUnary, MessageShape } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { createMethodSerializationLookup, type Serialization } from "@connectrpc/connect/protocol";
import type { PickContext } from "../../balancer/pick-context.ts";
import { isIdempotent } from "../connect/method-timeouts.ts";
import type { ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import type { WireFormat } from "./wire-format.ts";

export type Message = MessageShape<DescMessage>;

/** What is the same for every call of a method, worked out once. */
export interface MethodPlan<M extends DescMethod = DescMethodUnary> {
  readonly method: M;
  /** As `package.Service/Method`. */
  readonly name: string;
  readonly path: string;
  /** As interceptors see it. */
  readonly url: string;
  readonly idempotent: boolean;
  /** It is called by HTTP GET. */
  readonly isGet: boolean;
  /** Of calls without hints. */
  readonly context: PickContext;
  readonly input: Serialization<Message>;
  readonly output: Serialization<Message>;
  /** The headers of requests that have none of their own, by authority. */
  readonly heads: Map<string, readonly string[]>;
}

export interface PlanOptions {
  readonly format: Pick<WireFormat, "hasGet">;
  readonly protocolOptions: ResolvedProtocolOptions;
  readonly origin: string;
  readonly pathPrefix: string;
}

export class MethodPlans<M extends DescMethod> {
  /** Not a map by name: two versions of a service may be called over one transport. */
  readonly #plans = new WeakMap<DescMethod, MethodPlan<M>>();
  readonly #options: PlanOptions;

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  of(method: M): MethodPlan<M> {
    const known = this.#plans.get(method);
    if (known !== undefined) return known;
    const plan = this.#make(method);
    this.#plans.set(method, plan);
    return plan;
  }

  #make(method: M): MethodPlan<M> {
    const { format, protocolOptions, origin, pathPrefix } = this.#options;
    const { binaryOptions, jsonOptions, useBinaryFormat, useHttpGet = false } = protocolOptions;
    const serialization = createMethodSerializationLookup(method, binaryOptions, jsonOptions, protocolOptions);
    const name = `${method.parent.typeName}/${method.name}`;
    const path = `${pathPrefix}/${name}`;
    return {
      method,
      name,
      path,
      url: origin + path,
      idempotent: isIdempotent(method),
      isGet: useHttpGet && format.hasGet && method.idempotency === Idempotency.NO_SIDE_EFFECTS,
      context: { method: name },
      input: serialization.getI(useBinaryFormat),
      output: serialization.getO(useBinaryFormat),
      heads: new Map(),
    };
  }
}
