import { create } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { Resource, type ResourceType, type ResourceView, resourceTypes, typeUrls } from "../../control-plane/src/resource.ts";

/** For tests of the protocol: resources that are the text `name=value`. */
export class TextView implements ResourceView {
  isComplete = true;
  reachedRevision: bigint | undefined;
  /** Of what is set from now on. */
  asOf: bigint | undefined;
  readonly #byType = Object.fromEntries(resourceTypes.map((type) => [type, new Map()])) as Record<ResourceType, Map<string, Resource>>;
  readonly #onChange: (type: ResourceType, name: string) => void;
  readonly #more: string;

  /** @param more what stands behind each text, in lines of their own */
  constructor(onChange: (type: ResourceType, name: string) => void, more = "") {
    this.#onChange = onChange;
    this.#more = more;
  }

  get(type: ResourceType, name: string): Resource | undefined {
    return this.#byType[type].get(name);
  }

  all(type: ResourceType): Iterable<Resource> {
    return this.#byType[type].values().filter(({ isListed }) => isListed);
  }

  absent(type: ResourceType, name: string): Resource | undefined {
    return type === "endpoints" ? textResource(type, name, "") : undefined;
  }

  /** @param value undefined for none. With a name that begins with a dot it is had by that name alone */
  set(type: ResourceType, name: string, value: string | undefined): void {
    const before = this.#byType[type].get(name);
    if (value === undefined) this.#byType[type].delete(name);
    else {
      const resource = textResource(type, name, `${value}${this.#more}`, this.asOf);
      if (before !== undefined) resource.follow(before);
      this.#byType[type].set(name, resource);
    }
    this.#onChange(type, name);
  }
}

/** A cluster has the endpoints of its name. */
function textResource(type: ResourceType, name: string, value: string, asOf?: bigint): Resource {
  const encode = () => create(AnySchema, { typeUrl: typeUrls[type], value: Buffer.from(`${name}=${value}`) });
  const traits = { services: [name], isListed: !name.startsWith("."), asOf };
  return new Resource(type, name, encode, type === "cluster" ? name : undefined, traits);
}
