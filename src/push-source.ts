import { resolve } from "node:path";
import type { Clock } from "./clock.ts";
import type { EndpointSource } from "./discovery/endpoint-source.ts";
import { bootstrapOf } from "./discovery/xds/bootstrap.ts";
import type { FoundControlPlane } from "./discovery/xds/found-control-plane.ts";
import { tokenFileFor } from "./discovery/xds/token-file.ts";
import { xdsSource } from "./discovery/xds-source.ts";
import type { XdsOptions } from "./discovery-options.ts";
import type { RandomSource } from "./random-source.ts";
import type { BalancedTransport } from "./transport/balanced-transport.ts";
import { assertTlsOptions, type TlsOptions, toTlsOptions } from "./transport/tls/tls-options.ts";

export interface PushSourceParts {
  /** The client's own. */
  readonly zone: string | undefined;
  readonly node: string | undefined;
  /** Makes a transport to a control plane, for one stream. */
  readonly connect: (target: string, tls: TlsOptions | undefined) => BalancedTransport;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/**
 * The source behind `xds:` targets: endpoints that control planes push.
 *
 * @throws ConfigurationError for a control plane that is not named, or not so that it can be used
 */
export function pushSource(xds: XdsOptions = {}, { zone, node, connect, clock, random }: PushSourceParts): EndpointSource {
  const bootstrap = bootstrapOf(xds, process.env, zone);
  const servers = bootstrap.servers.map((server) => ({ ...server, credentials: credentialsFor(server, xds) }));
  return xdsSource({
    bootstrap,
    servers,
    // Where code or the environment says the zone, nobody is asked for it.
    locatedBy: zone === undefined ? node : undefined,
    allowAddresses: xds.allowAddresses,
    // Now, lest a change of the working directory change it.
    snapshotFile: xds.snapshotFile && resolve(xds.snapshotFile),
    clock,
    random,
    async loadChannel() {
      const { controlPlaneChannel } = await import("./control-plane-channel.ts");
      return ({ target, credentials: { tls, tokenFile } }) => controlPlaneChannel(() => connect(target, tls), tokenFile);
    },
  });
}

/** By what code says, or else by what was found with the address. */
function credentialsFor(server: FoundControlPlane, options: XdsOptions) {
  const tls = toTlsOptions(options.tls ?? server.tls);
  if (tls !== undefined) assertTlsOptions(tls);
  return { tls, tokenFile: tokenFileFor(server, options, tls !== undefined) };
}
