import type { Any } from "@bufbuild/protobuf/wkt";
import type { Resource } from "../resource.ts";

/** Below what clients of gRPC accept in one message, 4 MiB. */
const maxBytes = 2 * 1024 * 1024;

/** The resources of one response, as far as there is room. One that is larger than all room goes alone. */
export class Batch {
  /** Of clusters that the client did not have so: their endpoints have to be sent after them, had the client them or not. */
  readonly followedBy = new Set<string>();
  #bytes = 0;

  /**
   * @param body the resource, or what stands for it
   * @returns whether there was room
   */
  take(resource: Resource, isNew: boolean, body: Any = resource.any): boolean {
    const bytes = body.value.length + resource.name.length + 128;
    if (this.#bytes > 0 && this.#bytes + bytes > maxBytes) return false;
    this.#bytes += bytes;
    if (isNew && resource.endpoints !== undefined) this.followedBy.add(resource.endpoints);
    return true;
  }
}
