import type { Clock } from "../../clock.ts";
import type { RandomSource } from "../../random-source.ts";
import type { EndpointObserver, Watch } from "../endpoint-source.ts";
import type { AdsChannel } from "./ads-channel.ts";
import type { Bootstrap } from "./bootstrap.ts";
import { resolveEndpoints } from "./resolve-endpoints.ts";
import { resolveListener } from "./resolve-listener.ts";
import { useXdsClient } from "./shared-clients.ts";
import { XdsClient } from "./xds-client.ts";
import { XdsWatch } from "./xds-watch.ts";

const userAgentName = "meshless";

export interface XdsParts {
  readonly bootstrap: Bootstrap;
  /** Beside the bootstrap, what makes one connection to a control plane unlike another. */
  readonly credentials: unknown;
  readonly openChannel: () => AdsChannel;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Follows a target on the stream that it shares with all others of the same control plane. */
export function startWatch(
  { bootstrap, credentials, openChannel, clock, random }: XdsParts,
  name: string,
  observer: EndpointObserver,
): Watch {
  const { node, label, target, first } = bootstrap;
  const { client, giveBack } = useXdsClient({ target, node, credentials, clock, random }, () => {
    const { metadata, ...rest } = node;
    const who = { ...rest, ...(metadata && { metadata }), userAgentName };
    return new XdsClient({ label, node: who, channel: openChannel(), clock, random });
  });
  const watch = new XdsWatch(client, first === "listener" ? resolveListener : resolveEndpoints, name, observer);
  return {
    refresh: () => watch.refresh(),
    close() {
      watch.close();
      giveBack();
    },
  };
}
