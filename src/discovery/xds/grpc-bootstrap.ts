import type { JsonObject } from "@bufbuild/protobuf";
import { assertChecked, list, optionsOf, required, such, text } from "../../check-options.ts";
import { ConfigurationError } from "../../configuration-error.ts";
import { isObject } from "../../is-object.ts";
import { toError } from "../../to-error.ts";
import { toControlPlaneTarget } from "./control-plane-target.ts";
import type { FoundControlPlane, FoundControlPlanes, XdsNode } from "./found-control-plane.ts";

interface GrpcBootstrap {
  readonly xds_servers: readonly GrpcServer[];
  readonly node?: GrpcNode;
}

interface GrpcServer {
  readonly server_uri: string;
  readonly channel_creds: readonly GrpcCredentials[];
  readonly call_creds?: readonly GrpcCredentials[];
}

interface GrpcCredentials {
  readonly type: string;
  readonly config?: CredentialsConfig;
}

/** Of `tls`, and the last one of `jwt_token_file`. */
interface CredentialsConfig {
  readonly ca_certificate_file?: string;
  readonly certificate_file?: string;
  readonly private_key_file?: string;
  readonly jwt_token_file?: string;
}

interface GrpcNode {
  readonly id?: string;
  readonly cluster?: string;
  readonly locality?: { readonly region?: string; readonly zone?: string; readonly sub_zone?: string };
  readonly metadata?: JsonObject;
}

const checkCredentials = list(
  "a list of credentials",
  optionsOf<GrpcCredentials>(
    {
      type: required(text),
      config: optionsOf<CredentialsConfig>(
        { ca_certificate_file: text, certificate_file: text, private_key_file: text, jwt_token_file: text },
        "any",
      ),
    },
    "any",
  ),
);

/** What else there is means nothing to this client. */
const check = optionsOf<GrpcBootstrap>(
  {
    xds_servers: required(
      list(
        "a list of servers",
        optionsOf<GrpcServer>(
          {
            server_uri: required(text),
            channel_creds: required(checkCredentials),
            call_creds: checkCredentials,
          },
          "any",
        ),
      ),
    ),
    node: optionsOf<GrpcNode>(
      {
        id: text,
        cluster: text,
        locality: optionsOf<NonNullable<GrpcNode["locality"]>>({ region: text, zone: text, sub_zone: text }, "any"),
        metadata: such("an object", isObject),
      },
      "any",
    ),
  },
  "any",
);

/**
 * Reads a bootstrap in gRPC's own format.
 *
 * @param origin the variable that it comes from
 * @throws ConfigurationError that names the field
 * @see https://github.com/grpc/proposal/blob/master/A27-xds-global-load-balancing.md
 */
export function readGrpcBootstrap(origin: string, json: string): FoundControlPlanes {
  const { xds_servers: servers, node = {} } = assertChecked(parse(origin, json) as GrpcBootstrap, check, origin);
  if (servers.length === 0) throw new ConfigurationError(`${origin}.xds_servers: is empty; name the control plane as server_uri there`);
  return {
    origin,
    servers: servers.map((server, index) => toServer(server, `${origin}.xds_servers[${index}]`)),
    first: "listener",
    node: toNode(node),
  };
}

function toServer({ server_uri: uri, channel_creds: credentials, call_creds: calls = [] }: GrpcServer, path: string): FoundControlPlane {
  const tokenFile = tokenFileOf(calls, path);
  return { target: toControlPlaneTarget(uri, `${path}.server_uri`), tls: toTls(credentials, path), ...(tokenFile && { tokenFile }) };
}

/**
 * Kinds that are not known are none of ours.
 *
 * @see https://github.com/grpc/proposal/blob/master/A97-xds-jwt-call-creds.md
 */
function tokenFileOf(credentials: readonly GrpcCredentials[], path: string): string | undefined {
  const known = credentials.find(({ type }) => type === "jwt_token_file");
  if (known !== undefined && !known.config?.jwt_token_file) {
    throw new ConfigurationError(`${path}.call_creds: jwt_token_file needs a config with jwt_token_file, the path of the token`);
  }
  return known?.config?.jwt_token_file;
}

function parse(origin: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new ConfigurationError(`${origin}: it is no JSON: ${toError(error).message}`);
  }
}

/** As in gRPC: the first kind that is known. */
function toTls(credentials: readonly GrpcCredentials[], path: string): FoundControlPlane["tls"] {
  const known = credentials.find(({ type }) => type === "insecure" || type === "tls");
  if (known === undefined) {
    const types = credentials.map(({ type }) => JSON.stringify(type)).join(", ") || "nothing";
    throw new ConfigurationError(`${path}.channel_creds: expected one of type "insecure" or "tls", got ${types}`);
  }
  if (known.type === "insecure") return false;
  const { ca_certificate_file: ca, certificate_file: cert, private_key_file: key } = known.config ?? {};
  if (ca === undefined && cert === undefined && key === undefined) return true;
  return { files: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } };
}

function toNode({ locality, ...node }: GrpcNode): XdsNode {
  const { region, zone, sub_zone: subZone } = locality ?? {};
  return { ...node, ...(locality && { locality: { region, zone, subZone } }) };
}
