import { z } from "zod";
import { issueText, readDocument } from "../files/read-document.ts";
import { AllowList, type AllowRules } from "./allow-list.ts";

const clientPattern = z
  .string()
  .regex(
    /^(\*|[a-z][a-z0-9+.-]*:\/\/[^\sA-Z/]+(\/[!-~]*)?|system:serviceaccount:[a-z0-9*-]+:[a-z0-9.*-]+|[a-z0-9._*-]+)$/,
    'expected "*", a URI such as "spiffe://example.com/ns/*/sa/*", a ServiceAccount such as "system:serviceaccount:shop:*", or a DNS name; in lower case, but for the path',
  )
  .max(2_048);
const servicePattern = z
  .string()
  .regex(/^(\*|[a-z0-9._*-]+:[0-9*]+)$/, 'expected "*", or service.namespace:port, in which * stands for any text')
  .max(260);

const allowRules = z.record(clientPattern, z.array(servicePattern));
const document = z.strictObject({ clients: allowRules });

/** @throws TypeError that says which rule is wrong */
export function toAllowList(rules: AllowRules): AllowList {
  const { success, data, error } = allowRules.safeParse(rules);
  if (!success) throw new TypeError(`allowList${error.issues.map(issueText).join("\n")}`, { cause: error });
  return new AllowList(data);
}

/**
 * Reads an allow-list, in YAML or JSON.
 *
 * @param path of the file, for messages
 * @throws Error that says file, line and field of what is wrong, one a line
 */
export function readAllowList(path: string, source: string): AllowList {
  return new AllowList(readDocument(path, source, document).clients);
}
