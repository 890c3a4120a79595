import type { Clock } from "../../clock.ts";
import type { RandomSource } from "../../random-source.ts";
import { AddressRules } from "../address-rules.ts";
import type { EndpointObserver, Watch } from "../endpoint-source.ts";
import type { AdsChannel } from "./ads-channel.ts";
import { addressesAllowedTo } from "./allowed-addresses.ts";
import type { Bootstrap } from "./bootstrap.ts";
import { resolveEndpoints } from "./resolve-endpoints.ts";
import { resolveListener } from "./resolve-listener.ts";
import { useXdsClient } from "./shared-clients.ts";
import { SnapshotObserver } from "./snapshot-observer.ts";
import { XdsClient } from "./xds-client.ts";
import { XdsWatch } from "./xds-watch.ts";

const userAgentName = "meshless";

export interface XdsParts {
  readonly bootstrap: Bootstrap;
  /** Beside the bootstrap, what makes one connection to a control plane unlike another. */
  readonly credentials: unknown;
  /** What may be an endpoint though it usually may not. Default: loopback, where the control plane is there too. */
  readonly allowAddresses?: readonly string[] | undefined;
  /** Absolute. */
  readonly snapshotFile?: string | undefined;
  readonly openChannel: () => AdsChannel;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Follows a target on the stream that it shares with all others of the same control plane. */
export function startWatch(parts: XdsParts, name: string, observer: EndpointObserver): Watch {
  const { bootstrap, credentials, openChannel, clock, random, snapshotFile: path } = parts;
  const { node, label, target, first } = bootstrap;
  const allowed = parts.allowAddresses ?? addressesAllowedTo(target);
  const addressRules = new AddressRules(allowed);
  const { client, giveBack } = useXdsClient({ target, node, credentials, allowed, clock, random }, () => {
    const { metadata, ...rest } = node;
    const who = { ...rest, ...(metadata && { metadata }), userAgentName };
    return new XdsClient({ label, node: who, addressRules, channel: openChannel(), clock, random });
  });
  const key = { service: name, controlPlane: target };
  const saving = path === undefined ? undefined : new SnapshotObserver({ observer, label, path, key, addressRules, clock });
  const watch = new XdsWatch(client, first === "listener" ? resolveListener : resolveEndpoints, name, saving ?? observer);
  return {
    refresh: () => watch.refresh(),
    close() {
      watch.close();
      saving?.close();
      giveBack();
    },
  };
}
