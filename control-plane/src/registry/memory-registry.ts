import { z } from "zod";
import type { Service } from "../service.ts";
import type { Registry, RegistryObserver } from "./registry.ts";
import type { ServiceDefinition } from "./service-definition.ts";
import { serviceDefinition, toService } from "./service-schema.ts";

/** A registry that a program fills. */
export interface MemoryRegistry extends Registry {
  /**
   * Adds a service, or puts another one in its place.
   *
   * @param name `service.namespace:port`
   * @throws TypeError that says what is wrong with the name or the service, and then nothing has changed
   */
  set(name: string, service: ServiceDefinition): void;
  /** Takes a service away. Nothing, if there is none of that name. */
  delete(name: string): void;
  /** Says that all that there is has been set. */
  complete(): void;
}

/**
 * A registry that a program fills.
 *
 * @param services by their names, such as `checkout.shop:8080`
 * @param isComplete false if more is to be set before clients may be told anything. Default true
 */
export function memoryRegistry(services: Readonly<Record<string, ServiceDefinition>> = {}, isComplete = true): MemoryRegistry {
  const known = new Map<string, Service>();
  const observers = new Set<RegistryObserver>();
  let isDone = false;
  const registry: MemoryRegistry = {
    description: "memory",
    set(name, definition) {
      const { success, data, error } = serviceDefinition.safeParse(definition);
      if (!success) throw new TypeError(`${name}: ${z.prettifyError(error)}`, { cause: error });
      const service = toService(name, data);
      known.set(name, service);
      for (const observer of observers) observer.present(service);
    },
    delete(name) {
      if (!known.delete(name)) return;
      for (const observer of observers) observer.gone(name);
    },
    complete() {
      isDone = true;
      for (const observer of observers) observer.complete();
    },
    watch(observer) {
      observers.add(observer);
      for (const service of known.values()) observer.present(service);
      if (isDone) observer.complete();
      return { close: () => observers.delete(observer) };
    },
  };
  for (const [name, service] of Object.entries(services)) registry.set(name, service);
  if (isComplete) registry.complete();
  return registry;
}
