import type { ServiceDefinition } from "../../control-plane/src/registry/service-definition.ts";
import { serviceDefinition, toService } from "../../control-plane/src/registry/service-schema.ts";
import type { Service } from "../../control-plane/src/service.ts";

/** For tests: a service as a person writes it. */
export function testService(name: string, definition: ServiceDefinition = {}): Service {
  return toService(name, serviceDefinition.parse(definition));
}
