import { type ResourceType, resourceTypes, typeUrls } from "../../control-plane/src/resource.ts";
import type { AdsVariant } from "../../control-plane/src/xds/ads-message.ts";
import { ServerStream } from "../../control-plane/src/xds/server-stream.ts";
import { SubscriberIndex } from "../../control-plane/src/xds/subscriber-index.ts";
import type { ResourceKind } from "../../src/discovery/xds/resource-kind.ts";
import type { Plane, PlaneStream } from "../xds/plane.ts";
import { Registry } from "../xds/registry.ts";
import { TextView } from "./text-view.ts";

/** Our own server, without its sockets. */
export class ServedPlane implements Plane {
  readonly registry = new Registry();
  readonly window = 1;
  readonly #more: string;
  #index = new SubscriberIndex<ServerStream>();
  #view: TextView;

  /** @param size of each resource, at least, in bytes: of a large one, clients are sent what has changed in it */
  constructor(size = 0) {
    this.#more = `\n${"0123456789".repeat(size / 10)}`;
    this.#view = this.#newView();
  }

  changed(kind: ResourceKind<string>, name: string): void {
    this.#view.set(typeOf(kind), name, this.registry.get(kind, name));
  }

  complete(): void {
    if (this.#view.isComplete) return;
    for (const { kind, name } of this.registry.entries) this.changed(kind, name);
    this.#view.isComplete = true;
  }

  open(variant: AdsVariant): PlaneStream {
    const stream: ServerStream = new ServerStream({
      variant,
      view: this.#view,
      interest: {
        add: (type, name) => this.#index.interestOf(stream).add(type, name),
        delete: (type, name) => this.#index.interestOf(stream).delete(type, name),
      },
      maxNames: 100,
    });
    return {
      request: (request) => void stream.request(request),
      respond: () => [stream.next()].filter((response) => response !== undefined),
      close: () => this.#close(stream),
    };
  }

  /** The new one hears of what there is after it listens. */
  restart(): void {
    this.#index = new SubscriberIndex();
    this.#view = this.#newView();
    this.#view.isComplete = false;
  }

  /** In the state of the world, endpoints that are not there look like none, and of routes it can't be said that they are gone. */
  tellsAbsence(kind: ResourceKind<string>, variant: AdsVariant): boolean {
    return variant === "delta" || typeOf(kind) !== "routes";
  }

  #newView(): TextView {
    return new TextView((type, name) => {
      for (const stream of this.#index.of(type, name)) stream.changed(type, name);
    }, this.#more);
  }

  #close(stream: ServerStream): void {
    stream.close();
    if (this.#index.size > 0) throw new Error("a stream that is closed is still told of something");
  }
}

function typeOf({ typeUrl }: ResourceKind<string>): ResourceType {
  const type = resourceTypes.find((type) => typeUrls[type] === typeUrl);
  if (type === undefined) throw new Error(`${typeUrl} is not served`);
  return type;
}
