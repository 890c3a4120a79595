import { z } from "zod";
import { readDocument } from "../files/read-document.ts";
import type { Service } from "../service.ts";
import { serviceDefinitions, toService } from "./service-schema.ts";

const document = z.strictObject({ services: serviceDefinitions });

/**
 * Reads a document of services, in YAML or JSON.
 *
 * @param path of the file, for messages
 * @throws Error that says file, line and field of what is wrong, one a line
 */
export function readServices(path: string, source: string): ReadonlyMap<string, Service> {
  const { services } = readDocument(path, source, document);
  return new Map(Object.entries(services).map(([name, definition]) => [name, toService(name, definition)]));
}
