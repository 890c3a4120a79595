import type { JsonObject } from "@bufbuild/protobuf";

/** Who this client says that it is: what control planes know their clients by. */
export interface XdsNode {
  /** Default: the host's name and the process's id. */
  readonly id?: string | undefined;
  /** The service that this client is a part of. */
  readonly cluster?: string | undefined;
  readonly locality?:
    | { readonly region?: string | undefined; readonly zone?: string | undefined; readonly subZone?: string | undefined }
    | undefined;
  readonly metadata?: JsonObject | undefined;
}

/** What is asked for by a target's name: its endpoints, or the listener that leads to them by routes and clusters. */
export type FirstResource = "endpoints" | "listener";

/** What is known of control planes from one place. */
export interface FoundControlPlanes {
  readonly origin: string;
  /** One at least, in the order in which they are asked. */
  readonly servers: readonly FoundControlPlane[];
  readonly first: FirstResource;
  readonly node: XdsNode;
}

export interface FoundControlPlane {
  /** A `dns:` or `static:` target. */
  readonly target: string;
  readonly tls: boolean | { readonly files: TlsFilePaths };
  /** Of a token that it has to be shown. */
  readonly tokenFile?: string;
  /** Of a token that it is shown if it is reached by TLS. */
  readonly usualTokenFile?: string;
}

interface TlsFilePaths {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}
