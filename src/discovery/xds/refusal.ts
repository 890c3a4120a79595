import { show } from "../../show.ts";

/** A resource that a response brought and that can't be used. */
export interface RefusedResource {
  readonly name: string | undefined;
  readonly problems: readonly string[];
}

const maxResources = 5;
const maxProblems = 3;
const maxLength = 2_000;

/**
 * What the operator of a control plane reads of a response that was refused, in bounds whatever the response was:
 * `2 of 5 resources in version "7" are refused, the last good ones stay in use: "checkout.shop:8080": endpoints[0]...`
 */
export function refusalText(refused: readonly RefusedResource[], total: number, version: string): string {
  const listed = refused.slice(0, maxResources).map(({ name, problems }) => {
    const told = problems.slice(0, maxProblems).join("; ");
    const more = problems.length > maxProblems ? `; and ${problems.length - maxProblems} more` : "";
    return `${name === undefined ? "one without a name" : show(name)}: ${told}${more}`;
  });
  const more = refused.length > maxResources ? `, and ${refused.length - maxResources} more resources` : "";
  const text = `${refused.length} of ${total} resources in version ${show(version)} are refused, the last good ones stay in use: ${listed.join(", ")}${more}`;
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
