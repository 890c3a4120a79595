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

/** One control plane. */
export interface XdsServer<Credentials> {
  readonly label: string;
  /** A `dns:` or `static:` target. */
  readonly target: string;
  readonly credentials: Credentials;
}

export interface XdsParts<Credentials> {
  readonly bootstrap: Pick<Bootstrap, "first" | "node">;
  /** In the order in which they are asked. */
  readonly servers: readonly XdsServer<Credentials>[];
  readonly openChannel: (server: XdsServer<Credentials>) => AdsChannel;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Follows a target on the stream that it shares with all others of the same control planes. */
export function startWatch<Credentials>(
  { bootstrap, servers, openChannel, clock, random }: XdsParts<Credentials>,
  name: string,
  observer: EndpointObserver,
): Watch {
  const { node, first } = bootstrap;
  const addresses = servers.map(({ target, credentials }) => ({ target, credentials }));
  const { client, giveBack } = useXdsClient({ addresses, node, clock, random }, () => {
    const { metadata, ...rest } = node;
    const who = { ...rest, ...(metadata && { metadata }), userAgentName };
    const asked = servers.map((server) => ({ label: server.label, openChannel: () => openChannel(server) }));
    return new XdsClient({ servers: asked, node: who, clock, random });
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
