import type { Any } from "@bufbuild/protobuf/wkt";
import { show } from "../../show.ts";
import type { AdsResponse } from "./ads-event.ts";
import type { ReadBefore, Reading, ResourceKind } from "./resource-kind.ts";

/** A response of either variant, as far as they have the same to say. */
export interface Received {
  readonly nonce: string;
  readonly version: string;
  readonly items: readonly ReceivedItem[];
  readonly removed: readonly string[];
  /** Whether it has all that there is. */
  readonly isWhole: boolean;
}

/** One resource of a response, unread. */
export interface ReceivedItem {
  /** Outside of the resource itself: only incremental responses have it. */
  readonly name: string | undefined;
  readonly version: string;
  readonly body: Any | undefined;
  /** No news, but a sign that the resource is still what it was. */
  readonly isHeartbeat: boolean;
}

export function receivedOf(response: AdsResponse, kind: ResourceKind<unknown>): Received {
  if (response.$typeName === "envoy.service.discovery.v3.DeltaDiscoveryResponse") {
    const items = response.resources.map(({ name, version, resource, ttl }) => {
      return { name, version, body: resource, isHeartbeat: resource === undefined && ttl !== undefined };
    });
    return { nonce: response.nonce, version: response.systemVersionInfo, items, removed: response.removedResources, isWhole: false };
  }
  const { nonce, versionInfo: version, resources } = response;
  const items = resources.map((body) => ({ name: undefined, version, body, isHeartbeat: false }));
  return { nonce, version, items, removed: [], isWhole: kind.comesWhole };
}

/**
 * Reads a resource, and holds it to what the response says of it.
 *
 * @param before the last good state of what has its name
 */
export function readItem<Value>(
  { name, body }: ReceivedItem,
  kind: ResourceKind<Value>,
  before: ReadBefore<Value> | undefined,
): Reading<Value> {
  if (body === undefined) return bad(name, "has no content");
  if (body.typeUrl !== kind.typeUrl) return bad(name, `is of type ${show(body.typeUrl)} in a response of ${show(kind.typeUrl)}`);
  const reading = kind.read(body.value, before);
  if (name === undefined || reading.name === name) return reading;
  if (reading.name === undefined) return { ...reading, name };
  return bad(name, `has the name ${show(reading.name)} inside`);
}

function bad(name: string | undefined, problem: string): Reading<never> {
  return { kind: "bad", name, problems: [problem] };
}
