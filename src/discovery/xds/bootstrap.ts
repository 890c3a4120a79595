import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { JsonObject } from "@bufbuild/protobuf";
import { type OptionChecks, oneOf, optionsOf, such, text } from "../../check-options.ts";
import { ConfigurationError } from "../../configuration-error.ts";
import { isObject } from "../../is-object.ts";
import { toError } from "../../to-error.ts";
import { toControlPlaneTarget } from "./control-plane-target.ts";
import type { FirstResource, FoundControlPlane, XdsNode } from "./found-control-plane.ts";
import { readGrpcBootstrap } from "./grpc-bootstrap.ts";

/** Which control plane `xds:` targets ask, and how. */
export interface ControlPlaneOptions {
  /**
   * `control-plane.infra:18000`, or a `dns:` or `static:` target. Default: the environment's `MESHLESS_CONTROL_PLANE`, or else gRPC's
   * `GRPC_XDS_BOOTSTRAP`, a file, or `GRPC_XDS_BOOTSTRAP_CONFIG`, its content.
   */
  readonly controlPlane?: string | undefined;
  readonly node?: XdsNode | undefined;
  /** Default: `listener` with a bootstrap of gRPC's, as its clients do; otherwise `endpoints`, which takes one round trip. */
  readonly first?: FirstResource | undefined;
}

const checkNode = optionsOf<XdsNode>({
  id: text,
  cluster: text,
  locality: optionsOf<NonNullable<XdsNode["locality"]>>({ region: text, zone: text, subZone: text }),
  metadata: such("an object that is JSON", isObject),
});

export const controlPlaneChecks: OptionChecks<ControlPlaneOptions> = {
  controlPlane: text,
  node: checkNode,
  first: oneOf("endpoints", "listener"),
};

/** All that is to be known of a control plane before it is asked. */
export interface Bootstrap {
  /** As messages name it: its address, and who gave it. */
  readonly label: string;
  /** A `dns:` or `static:` target. */
  readonly target: string;
  readonly first: FirstResource;
  readonly node: { readonly id: string; readonly cluster: string; readonly metadata: JsonObject | undefined; readonly locality: Locality };
  /** As the environment has it. */
  readonly tls: FoundControlPlane["tls"];
}

interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ConfigurationError that says what to write where */
export function bootstrapOf(options: ControlPlaneOptions, environment: Environment, zone: string | undefined): Bootstrap {
  const found = find(options, environment);
  const node = { ...found.node, ...options.node };
  const { region = "", zone: given = zone ?? "", subZone = "" } = node.locality ?? {};
  return {
    label: `control plane ${found.target.replace(/^\w+:\/\/\//, "")} (${found.origin})`,
    target: found.target,
    first: options.first ?? found.first,
    node: {
      id: node.id ?? `${hostname()}/${process.pid}`,
      cluster: node.cluster ?? "",
      metadata: node.metadata,
      locality: { region, zone: given, subZone },
    },
    tls: found.tls,
  };
}

/** An empty variable is how many environments leave one out. */
function find({ controlPlane }: ControlPlaneOptions, environment: Environment): FoundControlPlane {
  const { MESHLESS_CONTROL_PLANE: own, GRPC_XDS_BOOTSTRAP: path, GRPC_XDS_BOOTSTRAP_CONFIG: content } = environment;
  if (controlPlane !== undefined) return byAddress("discovery.xds.controlPlane", controlPlane);
  if (own) return byAddress("MESHLESS_CONTROL_PLANE", own);
  if (path) return readGrpcBootstrap("GRPC_XDS_BOOTSTRAP", readFile(path));
  if (content) return readGrpcBootstrap("GRPC_XDS_BOOTSTRAP_CONFIG", content);
  throw new ConfigurationError(
    "xds: targets need to know which control plane to ask: set MESHLESS_CONTROL_PLANE=host:port, or the option " +
      'discovery: { xds: { controlPlane: "host:port" } }, or GRPC_XDS_BOOTSTRAP to the path of a bootstrap file of gRPC',
  );
}

function byAddress(origin: string, address: string): FoundControlPlane {
  return { origin, target: toControlPlaneTarget(address, origin), first: "endpoints", node: {}, tls: false };
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigurationError(`GRPC_XDS_BOOTSTRAP: it must be the path of a file that can be read: ${toError(error).message}`);
  }
}
