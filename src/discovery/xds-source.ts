import { toError } from "../to-error.ts";
import type { EndpointObserver, EndpointSource, Watch } from "./endpoint-source.ts";
import type { XdsParts } from "./xds/start-watch.ts";

/** What {@link XdsParts} has, though the way to the control planes may have to be loaded. */
export interface XdsSourceParts<Credentials> extends Omit<XdsParts<Credentials>, "openChannel"> {
  readonly loadChannel: () => Promise<XdsParts<Credentials>["openChannel"]>;
}

/** Endpoints pushed by a control plane. What speaks xDS is loaded with the first watch, so that nobody else pays for it. */
export function xdsSource<Credentials>(parts: XdsSourceParts<Credentials>): EndpointSource {
  return { watch: (target, observer) => new LoadedWatch(parts, target, observer) };
}

class LoadedWatch<Credentials> implements Watch {
  #watch: Watch | undefined;
  #isClosed = false;

  constructor(parts: XdsSourceParts<Credentials>, target: string, observer: EndpointObserver) {
    this.#load(parts, target, observer).catch((error) => {
      if (!this.#isClosed) observer.onError(toError(error));
    });
  }

  refresh(): void {
    this.#watch?.refresh();
  }

  close(): void {
    this.#isClosed = true;
    this.#watch?.close();
  }

  async #load({ loadChannel, ...parts }: XdsSourceParts<Credentials>, target: string, observer: EndpointObserver): Promise<void> {
    const [{ startWatch }, openChannel] = await Promise.all([import("./xds/start-watch.ts"), loadChannel()]);
    if (!this.#isClosed) this.#watch = startWatch({ ...parts, openChannel }, target, observer);
  }
}
