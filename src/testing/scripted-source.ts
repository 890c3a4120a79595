import type { EndpointObserver, EndpointSource, EndpointUpdate } from "../discovery/endpoint-source.ts";
import type { Endpoint } from "../endpoint.ts";
import type { ServiceConfig } from "../service-config.ts";

/** A source that says what a test tells it to. Every watch, whatever its target, hears the same. */
export interface ScriptedSource extends EndpointSource {
  /** The target of each watch so far, closed ones included, in order. */
  readonly targets: readonly string[];
  /** How often a watch was asked to look again. */
  readonly refreshes: number;
  /** How many watches were closed. */
  readonly closes: number;
  /** Tells every open watch, at once; a watch that starts later hears the latest update too. */
  update(endpoints: readonly Endpoint[], config?: ServiceConfig): void;
  /** Tells every open watch, at once, that there is no such service. */
  vanish(): void;
  /** Tells every open watch, at once. */
  error(error: Error): void;
}

interface OpenWatch {
  readonly observer: EndpointObserver;
  informed: boolean;
}

/** @param endpoints the first update, for watches that start before another one; without it they wait for `update`. */
export function scriptedSource(endpoints?: readonly Endpoint[]): ScriptedSource {
  const open = new Set<OpenWatch>();
  const targets: string[] = [];
  let latest: EndpointUpdate | undefined = endpoints && { endpoints };
  let refreshes = 0;
  let closes = 0;

  /** In a microtask, because no observer hears anything before `watch` returned. */
  const informLater = (watch: OpenWatch): void =>
    queueMicrotask(() => {
      if (latest !== undefined && open.has(watch) && !watch.informed) inform(watch, latest);
    });

  const say = (update: EndpointUpdate): void => {
    latest = update;
    for (const watch of [...open]) if (open.has(watch)) inform(watch, update);
  };

  return {
    get targets() {
      return targets;
    },
    get refreshes() {
      return refreshes;
    },
    get closes() {
      return closes;
    },
    watch(target, observer) {
      const watch: OpenWatch = { observer, informed: false };
      open.add(watch);
      targets.push(target);
      informLater(watch);
      return {
        refresh() {
          refreshes += 1;
        },
        close() {
          if (open.delete(watch)) closes += 1;
        },
      };
    },
    update: (endpoints, config) => say({ endpoints, config }),
    vanish: () => say({ exists: false }),
    error(error) {
      for (const watch of [...open]) if (open.has(watch)) watch.observer.onError(error);
    },
  };
}

function inform(watch: OpenWatch, update: EndpointUpdate): void {
  watch.informed = true;
  watch.observer.onUpdate(update);
}
