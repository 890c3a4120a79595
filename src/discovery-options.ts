import { either, flag, optionsOf } from "./check-options.ts";
import { checkDns } from "./discovery/dns-source.ts";
import type { SourceOptions } from "./discovery/sources.ts";
import { checkFile } from "./discovery/watch-files.ts";
import { type ControlPlaneOptions, controlPlaneChecks } from "./discovery/xds/bootstrap.ts";
import { checkTls, type TlsOptions } from "./transport/tls/tls-options.ts";

/** Settings of the sources behind targets. */
export interface DiscoveryOptions extends Pick<SourceOptions, "dns" | "file"> {
  readonly xds?: XdsOptions | undefined;
}

export interface XdsOptions extends ControlPlaneOptions {
  /** TLS to the control plane, as the transport's own option of that name. Default: what gRPC's bootstrap says, else h2c. */
  readonly tls?: boolean | TlsOptions | undefined;
}

export const checkDiscovery = optionsOf<DiscoveryOptions>({
  dns: checkDns,
  file: checkFile,
  xds: optionsOf<XdsOptions>({ ...controlPlaneChecks, tls: either("true, false or options", flag, checkTls) }),
});
