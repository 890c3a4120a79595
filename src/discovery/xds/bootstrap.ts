import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { JsonObject } from "@bufbuild/protobuf";
import { either, flag, list, type OptionChecks, oneOf, optionsOf, such, text } from "../../check-options.ts";
import { ConfigurationError } from "../../configuration-error.ts";
import { isObject } from "../../is-object.ts";
import { toError } from "../../to-error.ts";
import { toControlPlaneTarget } from "./control-plane-target.ts";
import type { FirstResource, FoundControlPlane, FoundControlPlanes, XdsNode } from "./found-control-plane.ts";
import { readGrpcBootstrap } from "./grpc-bootstrap.ts";
import { type PodSecrets, podSecrets } from "./pod-secrets.ts";

/** Which control plane `xds:` targets ask, and how. */
export interface ControlPlaneOptions {
  /**
   * `control-plane.infra:18000`, or a `dns:` or `static:` target. A list of them is in order of preference: the next one is asked while those before it
   * can't be reached and something is not known yet. Default: the environment's `MESHLESS_CONTROL_PLANE`, or else gRPC's `GRPC_XDS_BOOTSTRAP`, a file, or
   * `GRPC_XDS_BOOTSTRAP_CONFIG`, its content; in a pod of Kubernetes at last `meshless-control-plane.meshless:18000`.
   */
  readonly controlPlane?: string | readonly string[] | undefined;
  readonly node?: XdsNode | undefined;
  /** Default: `listener` with a bootstrap of gRPC's, as its clients do; otherwise `endpoints`, which takes one round trip. */
  readonly first?: FirstResource | undefined;
  /**
   * The path of a file with a token, which is shown to the control plane (`Authorization: Bearer`) and read anew for each stream. Default: that of gRPC's
   * bootstrap (`jwt_token_file`); or `/var/run/secrets/meshless/token`, if it is there and the control plane is reached by TLS. `false`: none.
   */
  readonly tokenFile?: string | false | undefined;
  /** Whether the token may be shown without TLS, where whoever reads along could use it: for what something else encrypts. Default false. */
  readonly allowPlaintextToken?: boolean | undefined;
}

const checkNode = optionsOf<XdsNode>({
  id: text,
  cluster: text,
  locality: optionsOf<NonNullable<XdsNode["locality"]>>({ region: text, zone: text, subZone: text }),
  metadata: such("an object that is JSON", isObject),
});

const oneOrMore = "a text, or a list of texts";

export const controlPlaneChecks: OptionChecks<ControlPlaneOptions> = {
  controlPlane: either(oneOrMore, text, list(oneOrMore, text)),
  node: checkNode,
  first: oneOf("endpoints", "listener"),
  tokenFile: either(
    "the path of a file, or false",
    oneOf(false),
    such("a path", (value) => typeof value === "string" && value !== ""),
  ),
  allowPlaintextToken: flag,
};

/** Where our chart puts it, and is told nothing else. */
const inCluster = "meshless-control-plane.meshless:18000";

/** All that is to be known of control planes before they are asked. */
export interface Bootstrap {
  /** In the order in which they are asked. */
  readonly servers: readonly BootstrapServer[];
  readonly first: FirstResource;
  readonly node: { readonly id: string; readonly cluster: string; readonly metadata: JsonObject | undefined; readonly locality: Locality };
}

interface BootstrapServer extends FoundControlPlane {
  /** As messages name it: its address, and who gave it. */
  readonly label: string;
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
  const { region = environment.MESHLESS_REGION ?? "", zone: given = zone ?? "", subZone = "" } = node.locality ?? {};
  const labelOf = ({ target }: FoundControlPlane) => `control plane ${target.replace(/^\w+:\/\/\//, "")} (${found.origin})`;
  return {
    servers: found.servers.map((server) => ({ ...server, label: labelOf(server) })),
    first: options.first ?? found.first,
    node: {
      id: node.id ?? `${hostname()}/${process.pid}`,
      cluster: node.cluster ?? "",
      metadata: node.metadata,
      locality: { region, zone: given, subZone },
    },
  };
}

/** An empty variable is how many environments leave one out. */
function find({ controlPlane }: ControlPlaneOptions, environment: Environment): FoundControlPlanes {
  const { MESHLESS_CONTROL_PLANE: own, GRPC_XDS_BOOTSTRAP: path, GRPC_XDS_BOOTSTRAP_CONFIG: content } = environment;
  const secrets = podSecrets(environment);
  // Whether code's own control plane is reached by TLS, code says.
  if (controlPlane !== undefined) return byAddresses("discovery.xds.controlPlane", controlPlane, { ...secrets, caFile: undefined });
  if (own) return byAddresses("MESHLESS_CONTROL_PLANE", own, secrets);
  if (path) return readGrpcBootstrap("GRPC_XDS_BOOTSTRAP", readFile(path));
  if (content) return readGrpcBootstrap("GRPC_XDS_BOOTSTRAP_CONFIG", content);
  if (environment.KUBERNETES_SERVICE_HOST) return byAddresses("default in Kubernetes", inCluster, secrets);
  throw new ConfigurationError(
    "xds: targets need to know which control plane to ask: set MESHLESS_CONTROL_PLANE=host:port, or the option " +
      'discovery: { xds: { controlPlane: "host:port" } }, or GRPC_XDS_BOOTSTRAP to the path of a bootstrap file of gRPC',
  );
}

function byAddresses(origin: string, given: string | readonly string[], { caFile, tokenFile }: PodSecrets): FoundControlPlanes {
  if (given.length === 0) throw new ConfigurationError(`${origin}: is empty; name the control plane, such as "control-plane.infra:18000"`);
  const servers =
    typeof given === "string"
      ? [toControlPlaneTarget(given, origin)]
      : given.map((address, index) => toControlPlaneTarget(address, `${origin}[${index}]`));
  const tls = caFile !== undefined && { files: { ca: caFile } };
  const found = servers.map((target) => ({ target, tls, ...(tokenFile !== undefined && { usualTokenFile: tokenFile }) }));
  return { origin, servers: found, first: "endpoints", node: {} };
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigurationError(`GRPC_XDS_BOOTSTRAP: it must be the path of a file that can be read: ${toError(error).message}`);
  }
}
