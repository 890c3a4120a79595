import { type ResourceType, resourceTypes } from "../resource.ts";
import type { Interest } from "./type-state.ts";

/** Which streams want to hear of which resources, so that a change costs its subscribers and nobody else. */
export class SubscriberIndex<Stream> {
  readonly #byType = Object.fromEntries(resourceTypes.map((type) => [type, new Map()])) as Record<ResourceType, Map<string, Set<Stream>>>;

  interestOf(stream: Stream): Interest {
    return {
      add: (type, name) => {
        const streams = this.#byType[type].get(name);
        if (streams === undefined) this.#byType[type].set(name, new Set([stream]));
        else streams.add(stream);
      },
      delete: (type, name) => {
        const streams = this.#byType[type].get(name);
        streams?.delete(stream);
        if (streams?.size === 0) this.#byType[type].delete(name);
      },
    };
  }

  /** Those of the name, and those of all. */
  *of(type: ResourceType, name: string): Iterable<Stream> {
    yield* this.#byType[type].get(name) ?? [];
    yield* this.#byType[type].get("*") ?? [];
  }

  /** How many names somebody wants to hear of. */
  get size(): number {
    return resourceTypes.reduce((sum, type) => sum + this.#byType[type].size, 0);
  }
}
