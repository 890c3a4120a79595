/** An endpoint as a file has it, of whichever kind. */
export interface LintedEndpoint {
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  readonly priority: number;
  readonly health: string;
  /** Empty where it is not known. */
  readonly zone: string;
}

export interface Flaw {
  /** Empty where the file is of one. */
  readonly service: string;
  /** Otherwise a remark: it may be meant. */
  readonly isError: boolean;
  readonly problem: string;
  readonly next: string;
}

type Rule = (endpoints: readonly LintedEndpoint[]) => Omit<Flaw, "service"> | undefined;

/** The largest weight may be so many times the smallest. */
const unlikelyRatio = 100;

const rules: readonly Rule[] = [
  function nobody(endpoints) {
    if (endpoints.length > 0) return undefined;
    return { isError: true, problem: "it has no endpoints", next: "calls fail at once; leave the service out if there is none" };
  },
  function twice(endpoints) {
    const [address] = [...Map.groupBy(endpoints, ({ address, port }) => `${address}:${port}`)].find(([, { length }]) => length > 1) ?? [];
    if (address === undefined) return undefined;
    return { isError: true, problem: `${address} is listed more than once`, next: "give it a weight if it is to have a larger share" };
  },
  function alone(endpoints) {
    if (endpoints.length !== 1) return undefined;
    return { isError: false, problem: "it has one endpoint", next: "there is nobody to take its calls when it goes" };
  },
  function notServing(endpoints) {
    if (endpoints.length === 0 || endpoints.some(({ health }) => health === "healthy")) return undefined;
    return { isError: true, problem: "none of its endpoints is healthy", next: "they are called for want of better ones" };
  },
  function someZones(endpoints) {
    const without = endpoints.filter(({ zone }) => zone === "").length;
    if (without === 0 || without === endpoints.length) return undefined;
    return {
      isError: false,
      problem: `${without} of ${endpoints.length} endpoints have no zone`,
      next: "clients of every zone take them for another zone's",
    };
  },
  function weights(endpoints) {
    const all = endpoints.map(({ weight }) => weight);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    if (endpoints.length < 2 || most <= least * unlikelyRatio) return undefined;
    return { isError: false, problem: `weights are from ${least} to ${most}`, next: "the lightest will hardly be called" };
  },
  function noFirst(endpoints) {
    const first = Math.min(...endpoints.map(({ priority }) => priority));
    if (endpoints.length === 0 || first === 0) return undefined;
    return { isError: false, problem: `its lowest priority is ${first}`, next: "0 is the first; is a level missing?" };
  },
  function loopback(endpoints) {
    const found = endpoints.find(({ address }) => /^(127\.|::1$|localhost$)/.test(address));
    if (found === undefined) return undefined;
    return {
      isError: false,
      problem: `${found.address} is the machine of whoever calls`,
      next: "clients of xDS refuse it, unless allowAddresses lists it",
    };
  },
];

/** What about the endpoints of a service is wrong, or likely a mistake. */
export function flawsOf(service: string, endpoints: readonly LintedEndpoint[]): readonly Flaw[] {
  return rules.flatMap((rule) => {
    const flaw = rule(endpoints);
    return flaw === undefined ? [] : [{ service, ...flaw }];
  });
}
