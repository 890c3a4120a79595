import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { NodeSchema } from "../../gen/envoy/config/core/v3/base_pb.ts";
import { DeltaDiscoveryRequestSchema, DiscoveryRequestSchema } from "../../gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { AdsRequest, AdsVariant } from "./ads-event.ts";
import type { Conversation } from "./conversation.ts";

/** Who this client says that it is. */
export type AdsNode = MessageInitShape<typeof NodeSchema>;

const invalidArgument = 3;

/**
 * The first request of a type on a stream. The versions that the client has spare it what did not change meanwhile.
 *
 * @param node in the first request of the stream alone
 * @param mayClaimVersions false while another control plane is heard: it may bring other states before this one answers
 */
export function openingRequest(
  variant: AdsVariant,
  conversation: Conversation<unknown>,
  node: AdsNode | undefined,
  mayClaimVersions: boolean,
): AdsRequest {
  const { server, subscription } = conversation;
  const { resources, kind } = subscription;
  // Some servers answer nothing to a version that is their newest, though the client asks for more than it did when it got that version.
  if (!mayClaimVersions || resources.values().some(({ from }) => from !== server)) conversation.version = "";
  if (variant === "sotw") return stateRequest(conversation, node);
  const versions = [...resources].flatMap(([name, { knowledge, from }]): [string, string][] =>
    mayClaimVersions && knowledge.kind === "found" && from === server && knowledge.version !== "" ? [[name, knowledge.version]] : [],
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
  conversation: Conversation<unknown>,
  added: readonly string[],
  removed: readonly string[],
): AdsRequest {
  if (variant === "sotw") return stateRequest(conversation, undefined);
  return create(DeltaDiscoveryRequestSchema, {
    typeUrl: conversation.subscription.kind.typeUrl,
    resourceNamesSubscribe: [...added],
    resourceNamesUnsubscribe: [...removed],
  });
}

/**
 * Accepts the last response of the type, or refuses it. In the state of the world, a server does not look at requests that came before the answer to its last
 * response. If a change of mind and back were among them, it would not know that it has to send something again; so both are said once more.
 */
export function answerRequests(variant: AdsVariant, conversation: Conversation<unknown>): readonly AdsRequest[] {
  const { subscription, dropped, nonce } = conversation;
  if (variant === "sotw") {
    const names = [...subscription.resources.keys()];
    const steady = names.filter((name) => !dropped.has(name));
    const all = stateRequest(conversation, undefined);
    return steady.length === names.length ? [all] : [stateRequest(conversation, undefined, steady), all];
  }
  return [create(DeltaDiscoveryRequestSchema, { typeUrl: subscription.kind.typeUrl, responseNonce: nonce, ...errorDetail(conversation) })];
}

/** In the state of the world, one request says it all. It repeats a refusal, since without one it would read as acceptance. */
function stateRequest(
  conversation: Conversation<unknown>,
  node: AdsNode | undefined,
  names: Iterable<string> = conversation.subscription.resources.keys(),
): AdsRequest {
  return create(DiscoveryRequestSchema, {
    ...(node && { node }),
    versionInfo: conversation.version,
    resourceNames: [...names],
    typeUrl: conversation.subscription.kind.typeUrl,
    responseNonce: conversation.nonce,
    ...errorDetail(conversation),
  });
}

function errorDetail({ refusal }: Conversation<unknown>) {
  return refusal === undefined ? {} : { errorDetail: { code: invalidArgument, message: refusal } };
}
