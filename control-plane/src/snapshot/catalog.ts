import { isDeepStrictEqual } from "node:util";
import { type Resource, type ResourceType, type ResourceView, resourceTypes } from "../resource.ts";
import type { Service } from "../service.ts";
import { aliasesOf, originalOf } from "./aliases.ts";
import { nodeName, nodeResource, type Place } from "./node-resource.ts";
import { takeOver } from "./service-localities.ts";
import { noEndpoints, serviceResources } from "./service-resources.ts";

/** A resource that is another one than before, or gone, or new. Nothing else of the catalog has changed. */
export interface ResourceChange {
  readonly type: ResourceType;
  readonly name: string;
}

export interface CatalogOptions {
  /** Whether clients that have their clusters from here are asked to report their load. Default false. */
  readonly reportsLoad?: boolean;
  /** Whether the clients of a service may be led to another one that it falls back on. Default: always. */
  readonly mayFallBack?: (service: Service, fallback: Service) => boolean;
  /** How far what tells of services has read. Default: not known. */
  readonly reachedRevision?: () => bigint | undefined;
}

/** What is served of a service, or what is left of one that is gone. */
interface Built {
  /** Undefined if there never was one: others fall back on its name. */
  readonly service: Service | undefined;
  readonly resources: readonly Resource[];
}

const nothing: Built = { service: undefined, resources: [] };

/** What becomes of a resource while services are rebuilt. */
interface Touched extends ResourceChange {
  /** That was taken away. */
  readonly before: Resource | undefined;
}

/** So many services that are gone are remembered. */
const maxRetired = 10_000;

/**
 * All resources there are, each immutable. A change of a service replaces its own, those of services that fall back on it, and nothing else.
 *
 * Of a service that is gone, the endpoints go and the cluster, the listener and the routes stay: a published gRPC client never recovers from the loss of
 * one of them, even when it comes back. Clients see a service without endpoints.
 */
export class Catalog implements ResourceView {
  readonly #services = new Map<string, Service>();
  readonly #resources = Object.fromEntries(resourceTypes.map((type) => [type, new Map()])) as Record<ResourceType, Map<string, Resource>>;
  readonly #byService = new Map<string, Built>();
  readonly #retired = new Map<string, Built>();
  /** By name of a fallback, there or not. */
  readonly #dependents = new Map<string, Set<string>>();
  readonly #portsOfHost = new Map<string, Set<string>>();
  readonly #onChange: (changes: readonly ResourceChange[]) => void;
  readonly #options: Required<CatalogOptions>;
  isComplete = false;

  constructor(
    onChange: (changes: readonly ResourceChange[]) => void,
    { reportsLoad = false, mayFallBack = () => true, reachedRevision = () => undefined }: CatalogOptions = {},
  ) {
    this.#onChange = onChange;
    this.#options = { reportsLoad, mayFallBack, reachedRevision };
  }

  get reachedRevision(): bigint | undefined {
    return this.#options.reachedRevision();
  }

  get services(): ReadonlyMap<string, Service> {
    return this.#services;
  }

  /** Who besides its own namespace may have a service: as long as anything of it is served, though it is gone. */
  clientsOf(name: string): readonly string[] {
    return (this.#services.get(name) ?? this.#retired.get(name)?.service)?.clients ?? [];
  }

  get(type: ResourceType, name: string): Resource | undefined {
    const resource = this.#resources[type].get(name);
    const original = resource === undefined && type !== "cluster" ? originalOf(name) : undefined;
    return original === undefined ? resource : this.#resources[type].get(original)?.alias(name);
  }

  all(type: ResourceType): Iterable<Resource> {
    return this.#resources[type].values().filter(({ isListed }) => isListed);
  }

  absent(type: ResourceType, name: string): Resource | undefined {
    return type === "endpoints" ? noEndpoints(name) : undefined;
  }

  complete(): void {
    if (this.isComplete) return;
    this.isComplete = true;
    this.#onChange([]);
  }

  put(service: Service): void {
    const { text, host } = service.name;
    const primary = this.#primary(host);
    const before = this.#services.get(text);
    if (before !== undefined) takeOver(before.endpoints, service.endpoints);
    this.#unlink(before);
    this.#services.set(text, service);
    for (const name of service.fallback) groupOf(this.#dependents, name).add(text);
    groupOf(this.#portsOfHost, host).add(text);
    const fallbacks = [before?.fallback ?? [], service.fallback] as const;
    // Who may have it may have what it falls back on.
    const hasOtherClients = !isDeepStrictEqual(before?.clients, service.clients);
    this.#rebuild([text, primary, this.#primary(host), ...(hasOtherClients ? fallbacks.flat() : inOne(...fallbacks))]);
  }

  delete(name: string): void {
    const service = this.#services.get(name);
    if (service === undefined) return;
    this.#unlink(service);
    this.#services.delete(name);
    this.#rebuild([name, this.#primary(service.name.host), ...service.fallback]);
  }

  /** @param place undefined where it is not known any more */
  putNode(node: string, place: Place | undefined): void {
    const name = nodeName(node);
    if (place === undefined) this.#resources.endpoints.delete(name);
    else this.#resources.endpoints.set(name, nodeResource(node, place));
    this.#onChange([{ type: "endpoints", name }]);
  }

  #unlink(service: Service | undefined): void {
    if (service === undefined) return;
    const { text, host } = service.name;
    for (const name of service.fallback) removeFrom(this.#dependents, name, text);
    removeFrom(this.#portsOfHost, host, text);
  }

  /** What a host is without a port: the one named for gRPC, or else the lowest, so that all replicas agree. */
  #primary(host: string): string | undefined {
    const rank = ({ portName, name }: Service) => (portName === "grpc" ? 0 : name.port);
    const services = [...(this.#portsOfHost.get(host) ?? [])].flatMap((name) => this.#services.get(name) ?? []);
    return services.sort((a, b) => rank(a) - rank(b))[0]?.name.text;
  }

  /** Takes away all that was before it puts what is now, since a name without a port moves from one service to another. */
  #rebuild(changed: readonly (string | undefined)[]): void {
    const names = new Set(changed.filter((name) => name !== undefined));
    for (const name of [...names]) for (const dependent of this.#dependents.get(name) ?? []) names.add(dependent);
    const touched = new Map<string, Touched>();
    for (const name of names) {
      for (const built of [this.#byService, this.#retired]) this.#take(built.get(name)?.resources ?? [], touched);
    }
    for (const name of names) this.#build(name, touched);
    this.#forgetOldest(touched);
    this.#onChange([...touched.values()]);
  }

  #build(name: string, touched: Map<string, Touched>): void {
    const service = this.#services.get(name);
    if (service === undefined) return this.#retire(name, touched);
    const { reportsLoad, mayFallBack } = this.#options;
    const known = (names: Iterable<string>) => [...names].flatMap((other) => this.#services.get(other) ?? []);
    const fallbacks = known(service.fallback).filter((fallback) => mayFallBack(service, fallback));
    const isPrimary = this.#primary(service.name.host) === name;
    const dependents = known(this.#dependents.get(name) ?? []).filter((dependent) => mayFallBack(dependent, service));
    const role = { isPrimary, dependents: dependents.map(({ name: { text } }) => text), reportsLoad, asOf: this.reachedRevision };
    const resources = serviceResources(service, fallbacks, role);
    this.#retired.delete(name);
    this.#byService.set(name, { service, resources });
    for (const resource of resources) this.#place(resource, touched);
  }

  #retire(name: string, touched: Map<string, Touched>): void {
    const { service, resources } = this.#byService.get(name) ?? this.#retired.get(name) ?? nothing;
    this.#byService.delete(name);
    // A name without a port may be another service's by now.
    const kept = resources.filter((resource) => resource.type !== "endpoints" && !this.#resources[resource.type].has(resource.name));
    this.#retired.set(name, { service, resources: kept });
    for (const resource of kept) this.#place(resource, touched);
  }

  #forgetOldest(touched: Map<string, Touched>): void {
    const oldest = this.#retired.size > maxRetired ? this.#retired.keys().next().value : undefined;
    if (oldest === undefined) return;
    this.#take(this.#retired.get(oldest)?.resources ?? [], touched);
    this.#retired.delete(oldest);
  }

  #place(resource: Resource, touched: Map<string, Touched>): void {
    this.#resources[resource.type].set(resource.name, resource);
    const before = touched.get(keyOf(resource))?.before;
    if (before !== undefined && before !== resource) resource.follow(before);
    this.#touch(resource, before, touched);
  }

  #take(resources: readonly Resource[], touched: Map<string, Touched>): void {
    for (const resource of resources) {
      if (this.#resources[resource.type].get(resource.name) !== resource) continue;
      this.#resources[resource.type].delete(resource.name);
      this.#touch(resource, resource, touched);
    }
  }

  #touch({ type, name }: Resource, before: Resource | undefined, touched: Map<string, Touched>): void {
    touched.set(keyOf({ type, name }), { type, name, before });
    if (type === "cluster") return;
    for (const alias of aliasesOf(name)) touched.set(keyOf({ type, name: alias }), { type, name: alias, before: undefined });
  }
}

function keyOf({ type, name }: ResourceChange): string {
  return `${type} ${name}`;
}

/** Those that are in one of two lists alone: of them it has changed whether the service falls back on them. */
function inOne(before: readonly string[], now: readonly string[]): readonly string[] {
  return [...before.filter((name) => !now.includes(name)), ...now.filter((name) => !before.includes(name))];
}

function groupOf(groups: Map<string, Set<string>>, key: string): Set<string> {
  const group = groups.get(key) ?? new Set();
  groups.set(key, group);
  return group;
}

function removeFrom(groups: Map<string, Set<string>>, key: string, member: string): void {
  const group = groups.get(key);
  group?.delete(member);
  if (group?.size === 0) groups.delete(key);
}
