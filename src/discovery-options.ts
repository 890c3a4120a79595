import { either, flag, list, optionsOf, such } from "./check-options.ts";
import { checkRange } from "./discovery/address-rules.ts";
import { checkDns } from "./discovery/dns-source.ts";
import type { SourceOptions } from "./discovery/sources.ts";
import { checkFile } from "./discovery/watch-files.ts";
import { type ControlPlaneOptions, controlPlaneChecks } from "./discovery/xds/bootstrap.ts";
import { checkTls, type TlsOptions } from "./transport/tls/tls-options.ts";

/** Settings of the sources behind targets. */
export interface DiscoveryOptions extends Pick<SourceOptions, "dns" | "file"> {
  readonly xds?: XdsOptions | undefined;
}

/** How `xds:` targets find and ask their control plane. */
export interface XdsOptions extends ControlPlaneOptions {
  /**
   * TLS to the control plane, as the transport's own option of that name. Default: what gRPC's bootstrap says; with the authority in
   * `/var/run/secrets/meshless/ca.crt`, if it is there and the address is not code's; else h2c.
   */
  readonly tls?: boolean | TlsOptions | undefined;
  /**
   * Addresses and ranges, such as `127.0.0.0/8`, that may be endpoints though they usually may not: loopback, link-local, multicast, metadata services of
   * clouds. What names another one is refused. Default: loopback if the control plane itself is there, else none.
   */
  readonly allowAddresses?: readonly string[] | undefined;
  /**
   * The path of a file that keeps the last good endpoints of each target of the process, for one that starts while the control plane can't be reached.
   * Its directory must exist. Default: none.
   */
  readonly snapshotFile?: string | undefined;
}

export const checkDiscovery = optionsOf<DiscoveryOptions>({
  dns: checkDns,
  file: checkFile,
  xds: optionsOf<XdsOptions>({
    ...controlPlaneChecks,
    tls: either("true, false or options", flag, checkTls),
    allowAddresses: list("a list of IP addresses and ranges such as 127.0.0.0/8", checkRange),
    snapshotFile: such("the path of a file", (value) => typeof value === "string" && value !== ""),
  }),
});
