import { resolve } from "node:path";
import { assertChecked } from "../check-options.ts";
import { toError } from "../to-error.ts";
import { readEndpointDocument } from "./endpoint-document.ts";
import type { EndpointObserver, EndpointSource, Watch } from "./endpoint-source.ts";
import { KeepLastGood } from "./keep-last-good.ts";
import { checkFile, type WatchFilesOptions, watchFiles } from "./watch-files.ts";

/** How `file:` targets are followed. */
export type FileSourceOptions = WatchFilesOptions;

/**
 * Endpoints from a JSON file ({@link readEndpointDocument} describes it), read again when it changes. The watched target is its path;
 * a relative one starts at the working directory. A file that is missing, unreadable or wrong is an error, and the last good set
 * stays; a good file with an empty list is a service known to have no endpoints.
 */
export function fileSource(options: FileSourceOptions = {}): EndpointSource {
  assertChecked(options, checkFile, "fileSource");
  return { watch: (target, observer) => watchEndpoints(resolve(target), observer, options) };
}

function watchEndpoints(path: string, observer: EndpointObserver, options: FileSourceOptions): Watch {
  const lastGood = new KeepLastGood(observer);
  const failed = (cause: Error) => lastGood.failed(new Error(`file: ${cause.message}; it is read again when it changes`, { cause }));
  const onRead = ({ endpoints }: { readonly endpoints: string }) => {
    try {
      lastGood.good(readEndpointDocument(endpoints));
    } catch (error) {
      failed(new Error(`${path}: ${toError(error).message}`, { cause: error }));
    }
  };
  const watch = watchFiles({ endpoints: path }, { onRead, onError: failed }, options);
  return {
    refresh: () => watch.refresh(),
    close() {
      lastGood.close();
      watch.close();
    },
  };
}
