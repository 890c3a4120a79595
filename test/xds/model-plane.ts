import type { AdsVariant } from "../../src/discovery/xds/ads-event.ts";
import type { ResourceKind } from "../../src/discovery/xds/resource-kind.ts";
import { ModelStream } from "./model-stream.ts";
import type { Plane, PlaneStream, Restart } from "./plane.ts";
import { Registry } from "./registry.ts";

/** A control plane written for its likeness to the protocol's text, with the habits of old servers. */
export class ModelPlane implements Plane {
  readonly registry = new Registry();
  window = 1;
  #variant: AdsVariant;
  #nonces = 0;

  /** @param variant the one that it knows; whoever knows the incremental one knows both */
  constructor(variant: AdsVariant) {
    this.#variant = variant;
  }

  changed(): void {}

  complete(): void {}

  open(variant: AdsVariant): PlaneStream | undefined {
    if (variant === "delta" && this.#variant === "sotw") return undefined;
    const stream = new ModelStream(variant, this.registry, this.window, () => `${++this.#nonces}`);
    return { request: (request) => stream.request(request), respond: () => stream.respond(), close() {} };
  }

  restart({ variant, window, isReplica }: Restart): void {
    this.#variant = variant;
    this.window = window;
    this.#nonces = 0;
    if (!isReplica) this.registry.epoch++;
  }

  /** In the state of the world nothing can be said of what is not there, but by leaving it out of what comes whole. */
  tellsAbsence({ comesWhole }: ResourceKind<string>, variant: AdsVariant): boolean {
    return variant === "delta" || comesWhole;
  }
}
