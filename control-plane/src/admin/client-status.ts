import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { ClientResourceStatus } from "../gen/envoy/admin/v3/config_dump_shared_pb.ts";
import {
  type ClientConfig_GenericXdsConfigSchema,
  ClientStatusDiscoveryService,
  type ClientStatusRequest,
  type ClientStatusResponse,
  ClientStatusResponseSchema,
  ConfigStatus,
} from "../gen/envoy/service/status/v3/csds_pb.ts";
import { typeUrls } from "../resource.ts";
import type { OpenStream } from "../xds/open-stream.ts";
import type { TypeState } from "../xds/type-state.ts";

/** CSDS: who is subscribed to what, in which version, and accepts it or not. */
export function clientStatusService(router: ConnectRouter, streams: () => Iterable<OpenStream>): void {
  router.service(ClientStatusDiscoveryService, {
    fetchClientStatus: (request) => clientStatus(request, streams()),
    async *streamClientStatus(requests) {
      for await (const request of requests) yield clientStatus(request, streams());
    },
  });
}

/** @param request with a node id: of that client alone */
function clientStatus({ node }: ClientStatusRequest, streams: Iterable<OpenStream>): ClientStatusResponse {
  const chosen = [...streams].filter(({ machine }) => node === undefined || node.id === "" || machine.node?.id === node.id);
  return create(ClientStatusResponseSchema, {
    config: chosen.map(({ machine }) => ({
      ...(machine.node && { node: machine.node }),
      genericXdsConfigs: [...machine.types.values()].flatMap(configsOf),
    })),
  });
}

function configsOf(state: TypeState): readonly MessageInitShape<typeof ClientConfig_GenericXdsConfigSchema>[] {
  const names = state.isWildcard ? new Set([...state.told.keys(), ...state.subscribed]) : state.subscribed;
  return [...names].map((name) => {
    const versionInfo = state.told.get(name)?.version ?? "";
    const common = { typeUrl: typeUrls[state.type], name, versionInfo };
    if (versionInfo === "") {
      const isAbsent = state.isKnown && state.view.isComplete && state.current(name) === undefined;
      const clientStatus = isAbsent ? ClientResourceStatus.DOES_NOT_EXIST : ClientResourceStatus.REQUESTED;
      return { ...common, configStatus: ConfigStatus.NOT_SENT, clientStatus };
    }
    if (state.refusal !== undefined) {
      const errorState = { details: state.refusal };
      return { ...common, configStatus: ConfigStatus.ERROR, clientStatus: ClientResourceStatus.NACKED, errorState };
    }
    const isStale = state.isUnderWay || state.pending.has(name) || state.owed.has(name);
    return { ...common, configStatus: isStale ? ConfigStatus.STALE : ConfigStatus.SYNCED, clientStatus: ClientResourceStatus.ACKED };
  });
}
