import { toError } from "../to-error.ts";
import type { EndpointObserver, EndpointSource, Watch } from "./endpoint-source.ts";
import type { XdsParts } from "./xds/start-watch.ts";

/** What {@link XdsParts} has, though the way to the control plane may have to be loaded. */
export interface XdsSourceParts extends Omit<XdsParts, "openChannel"> {
  readonly loadChannel: () => Promise<XdsParts["openChannel"]>;
}

/** Endpoints pushed by a control plane. What speaks xDS is loaded with the first watch, so that nobody else pays for it. */
export function xdsSource(parts: XdsSourceParts): EndpointSource {
  return { watch: (target, observer) => new LoadedWatch(parts, target, observer) };
}

class LoadedWatch implements Watch {
  #watch: Watch | undefined;
  #isClosed = false;

  constructor(parts: XdsSourceParts, target: string, observer: EndpointObserver) {
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

  async #load({ loadChannel, ...parts }: XdsSourceParts, target: string, observer: EndpointObserver): Promise<void> {
    const [{ startWatch }, openChannel] = await Promise.all([import("./xds/start-watch.ts"), loadChannel()]);
    if (!this.#isClosed) this.#watch = startWatch({ ...parts, openChannel }, target, observer);
  }
}
