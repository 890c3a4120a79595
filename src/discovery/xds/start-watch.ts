import type { Clock } from "../../clock.ts";
import type { RandomSource } from "../../random-source.ts";
import { AddressRules } from "../address-rules.ts";
import type { EndpointObserver, Watch } from "../endpoint-source.ts";
import type { AdsChannel } from "./ads-channel.ts";
import { addressesAllowedTo } from "./allowed-addresses.ts";
import type { Bootstrap } from "./bootstrap.ts";
import { resolveEndpoints } from "./resolve-endpoints.ts";
import { resolveListener } from "./resolve-listener.ts";
import { patchFeature } from "./resource-patch.ts";
import { useXdsClient } from "./shared-clients.ts";
import { SnapshotObserver } from "./snapshot-observer.ts";
import { withOwnZone } from "./with-own-zone.ts";
import { XdsClient } from "./xds-client.ts";
import { XdsWatch } from "./xds-watch.ts";

const userAgentName = "meshless";

/** One control plane. */
export interface XdsServer<Credentials> {
  readonly label: string;
  /** A `dns:` or `static:` target. */
  readonly target: string;
  readonly credentials: Credentials;
}

export interface XdsParts<Credentials> {
  readonly bootstrap: Pick<Bootstrap, "first" | "node">;
  /** The node that this client runs on, if its zone is to be found by that. Default: it is not asked for. */
  readonly locatedBy?: string | undefined;
  /** In the order in which they are asked. */
  readonly servers: readonly XdsServer<Credentials>[];
  /** What may be an endpoint though it usually may not. Default: loopback, where a control plane is there too. */
  readonly allowAddresses?: readonly string[] | undefined;
  /** Absolute. */
  readonly snapshotFile?: string | undefined;
  readonly openChannel: (server: XdsServer<Credentials>) => AdsChannel;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Follows a target on the stream that it shares with all others of the same control planes. */
export function startWatch<Credentials>(parts: XdsParts<Credentials>, name: string, observer: EndpointObserver): Watch {
  const { bootstrap, servers, openChannel, clock, random, locatedBy, snapshotFile: path } = parts;
  const { node, first } = bootstrap;
  const allowed = parts.allowAddresses ?? servers.flatMap(({ target }) => addressesAllowedTo(target));
  const addressRules = new AddressRules(allowed);
  const addresses = servers.map(({ target, credentials }) => ({ target, credentials }));
  const { client, giveBack } = useXdsClient({ addresses, node, allowed, clock, random }, () => {
    const { metadata, ...rest } = node;
    const who = { ...rest, ...(metadata && { metadata }), userAgentName, clientFeatures: [patchFeature] };
    const asked = servers.map((server) => ({ label: server.label, openChannel: () => openChannel(server) }));
    return new XdsClient({ servers: asked, node: who, addressRules, clock, random });
  });
  const label = servers.map((server) => server.label).join(", ");
  const key = { service: name, controlPlane: servers.map(({ target }) => target).join(", ") };
  const saving = path === undefined ? undefined : new SnapshotObserver({ observer, label, path, key, addressRules, clock });
  const resolve = first === "listener" ? resolveListener : resolveEndpoints;
  const watch = new XdsWatch(client, locatedBy === undefined ? resolve : withOwnZone(locatedBy, resolve), name, saving ?? observer);
  return {
    refresh: () => watch.refresh(),
    close() {
      watch.close();
      saving?.close();
      giveBack();
    },
  };
}
