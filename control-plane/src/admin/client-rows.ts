import type { ResourceView } from "../resource.ts";
import type { OpenStream } from "../xds/open-stream.ts";
import type { TypeState } from "../xds/type-state.ts";
import type { ClientRow, ClientType, Standing } from "./plane-snapshot.ts";

/** Of what a client says of itself, and of its reasons. */
const maxLength = 256;

const standings: readonly Standing[] = ["refused", "behind", "current"];

/** Those first that refuse something, then those that are behind. */
export function clientRows(streams: Iterable<OpenStream>, nowMs: number): ClientRow[] {
  const rank = ({ standing }: ClientRow) => standings.indexOf(standing);
  return [...streams].map((stream) => rowOf(stream, nowMs)).sort((one, other) => rank(one) - rank(other) || one.id - other.id);
}

/**
 * Those that ask for the endpoints of a service, with what they have of it.
 *
 * @returns by stream, the version; empty: it was sent none
 */
export function versionsOf(service: string, streams: Iterable<OpenStream>, view: ResourceView): ReadonlyMap<number, string> {
  const versions = new Map<number, string>();
  for (const { id, machine } of streams) {
    const state = machine.types.get("endpoints");
    const name = state?.subscribed.values().find((name) => view.get("endpoints", name)?.services[0] === service);
    if (state !== undefined && name !== undefined) versions.set(id, state.told.get(name)?.version ?? "");
  }
  return versions;
}

function rowOf({ id, machine, connection, openedAtMs, responses, propagation }: OpenStream, nowMs: number): ClientRow {
  const { id: node = "", userAgentName = "", locality } = machine.node ?? {};
  const identity = connection.names[0];
  const types = [...machine.types.values()].filter(({ isKnown }) => isKnown).map(typeOf);
  return {
    id,
    peer: connection.peer,
    ...(identity !== undefined && { identity: clip(identity) }),
    node: clip(node),
    agent: clip(userAgentName),
    zone: clip(locality?.zone ?? ""),
    variant: machine.variant,
    openForMs: Math.round(nowMs - openedAtMs),
    responses,
    ...(propagation.latestMs !== undefined && { propagatedMs: propagation.latestMs }),
    standing: standings.find((standing) => types.some((type) => type.standing === standing)) ?? "current",
    types,
  };
}

function typeOf(state: TypeState): ClientType {
  const { type, subscribed, isWildcard, refusal } = state;
  return {
    type,
    names: subscribed.size,
    wantsAll: isWildcard,
    standing: refusal !== undefined ? "refused" : state.isUnderWay || state.isDue ? "behind" : "current",
    ...(refusal !== undefined && { refusal: clip(refusal) }),
  };
}

function clip(text: string): string {
  return text.slice(0, maxLength);
}
