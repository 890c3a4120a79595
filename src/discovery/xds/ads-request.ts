import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { NodeSchema } from "../../gen/envoy/config/core/v3/base_pb.ts";
import { DeltaDiscoveryRequestSchema, DiscoveryRequestSchema } from "../../gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { AdsRequest, AdsVariant } from "./ads-event.ts";
import type { Subscription } from "./subscription.ts";

/** Who this client says that it is. */
export type AdsNode = MessageInitShape<typeof NodeSchema>;

const invalidArgument = 3;

/**
 * The first request of a type on a stream. The versions that the client has spare it what did not change meanwhile.
 *
 * @param node in the first request of the stream alone
 */
export function openingRequest(variant: AdsVariant, subscription: Subscription<unknown>, node: AdsNode | undefined): AdsRequest {
  const { resources, kind } = subscription;
  if (variant === "sotw") return stateRequest(subscription, node, hasUnanswered(subscription) ? "" : subscription.version);
  const versions = [...resources].flatMap(([name, { knowledge }]): [string, string][] =>
    knowledge.kind === "found" && knowledge.version !== "" ? [[name, knowledge.version]] : [],
  );
  return create(DeltaDiscoveryRequestSchema, {
    ...(node && { node }),
    typeUrl: kind.typeUrl,
    resourceNamesSubscribe: [...resources.keys()],
    initialResourceVersions: Object.fromEntries(versions),
  });
}

/** The client wants more, or less, than it said on this stream. */
export function changeRequest(
  variant: AdsVariant,
  subscription: Subscription<unknown>,
  added: readonly string[],
  removed: readonly string[],
): AdsRequest {
  if (variant === "sotw") return stateRequest(subscription, undefined, subscription.version);
  return create(DeltaDiscoveryRequestSchema, {
    typeUrl: subscription.kind.typeUrl,
    resourceNamesSubscribe: [...added],
    resourceNamesUnsubscribe: [...removed],
  });
}

/**
 * Accepts the last response of the type, or refuses it. In the state of the world, a server does not look at requests that came before the answer to its last
 * response. If a change of mind and back were among them, it would not know that it has to send something again; so both are said once more.
 */
export function answerRequests(variant: AdsVariant, subscription: Subscription<unknown>): readonly AdsRequest[] {
  if (variant === "sotw") {
    const names = [...subscription.resources.keys()];
    const steady = names.filter((name) => !subscription.dropped.has(name));
    const all = stateRequest(subscription, undefined, subscription.version);
    return steady.length === names.length ? [all] : [stateRequest(subscription, undefined, subscription.version, steady), all];
  }
  const { nonce, kind } = subscription;
  return [create(DeltaDiscoveryRequestSchema, { typeUrl: kind.typeUrl, responseNonce: nonce, ...errorDetail(subscription) })];
}

/** In the state of the world, one request says it all. It repeats a refusal, since without one it would read as acceptance. */
function stateRequest(
  subscription: Subscription<unknown>,
  node: AdsNode | undefined,
  versionInfo: string,
  names: Iterable<string> = subscription.resources.keys(),
): AdsRequest {
  return create(DiscoveryRequestSchema, {
    ...(node && { node }),
    versionInfo,
    resourceNames: [...names],
    typeUrl: subscription.kind.typeUrl,
    responseNonce: subscription.nonce,
    ...errorDetail(subscription),
  });
}

function errorDetail({ refusal }: Subscription<unknown>) {
  return refusal === undefined ? {} : { errorDetail: { code: invalidArgument, message: refusal } };
}

/** Some servers answer nothing to a version that is their newest, though the client asks for more than it did when it got that version. */
function hasUnanswered({ resources }: Subscription<unknown>): boolean {
  return resources.values().some(({ knowledge, problems }) => {
    return knowledge.kind === "requested" ? problems.length === 0 : knowledge.kind === "missing" && knowledge.reason === "never sent";
  });
}
