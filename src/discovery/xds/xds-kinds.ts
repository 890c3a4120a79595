import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { type ClusterLoadAssignment, ClusterLoadAssignmentSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.ts";
import { RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.ts";
import { toError } from "../../to-error.ts";
import { AddressRules } from "../address-rules.ts";
import { vouchFor } from "../checked-update.ts";
import { nameIn } from "./assignment-outline.ts";
import { Problems } from "./problems.ts";
import { rereadEndpoints } from "./reread-endpoints.ts";
import type { ResourceKind } from "./resource-kind.ts";
import { toCluster, type XdsCluster } from "./to-cluster.ts";
import { type ServiceEndpoints, toEndpoints } from "./to-endpoints.ts";
import { toListener, type XdsListener } from "./to-listener.ts";
import { toRoutes, type XdsRoutes } from "./to-routes.ts";

/** What the resources say that the client asks for. */
export type XdsResource = ServiceEndpoints | XdsCluster | XdsListener | XdsRoutes;

const usualRules = new AddressRules();

export const endpointsKind = endpointsUnder(usualRules);
export const clusterKind = clusterUnder(usualRules);
export const listenerKind = kindOf(ListenerSchema, true, ({ name }) => name, toListener);
export const routesKind = kindOf(RouteConfigurationSchema, false, ({ name }) => name, toRoutes);

/** Those that a client asks for, in this order, with endpoints where the rules have them. The constants above name them. */
export function kindsUnder(rules: AddressRules): readonly ResourceKind<XdsResource>[] {
  return [listenerKind, routesKind, clusterUnder(rules), endpointsUnder(rules)];
}

function endpointsUnder(rules: AddressRules): ResourceKind<ServiceEndpoints> {
  const convert = (message: ClusterLoadAssignment, problems: Problems) => toEndpoints(message, problems, rules);
  const whole = kindOf(ClusterLoadAssignmentSchema, false, ({ clusterName }) => clusterName, convert);
  return {
    ...whole,
    peekName: nameIn,
    read(bytes, before) {
      const value = before && rereadEndpoints(bytes, before, rules);
      const reading = value === undefined ? whole.read(bytes) : ({ kind: "good", name: value.name, value } as const);
      if (reading.kind === "good") vouchFor(reading.value.endpoints);
      return reading;
    },
  };
}

function clusterUnder(rules: AddressRules): ResourceKind<XdsCluster> {
  return kindOf(
    ClusterSchema,
    true,
    ({ name }) => name,
    (message, problems) => toCluster(message, problems, rules),
  );
}

function kindOf<Desc extends DescMessage, Value>(
  schema: Desc,
  comesWhole: boolean,
  nameOf: (message: MessageShape<Desc>) => string,
  convert: (message: MessageShape<Desc>, problems: Problems) => Value | undefined,
): ResourceKind<Value> {
  return {
    typeUrl: `type.googleapis.com/${schema.typeName}`,
    comesWhole,
    read(bytes) {
      let message: MessageShape<Desc>;
      try {
        message = fromBinary(schema, bytes, { readUnknownFields: false });
      } catch (error) {
        return { kind: "bad", name: undefined, problems: [`can't be decoded: ${toError(error).message}`] };
      }
      const name = nameOf(message) || undefined;
      const problems = new Problems();
      const value = convert(message, problems);
      if (name !== undefined && value !== undefined && problems.texts.length === 0) return { kind: "good", name, value };
      return { kind: "bad", name, problems: name === undefined ? ["has no name", ...problems.texts] : problems.texts };
    },
  };
}
