import { assertChecked } from "../../check-options.ts";
import { ConfigurationError, expected } from "../../configuration-error.ts";
import type { Named } from "../../service-config.ts";
import type { Ejection } from "../ejection/ejection.ts";
import { outlierDetection } from "../ejection/outlier-detection.ts";
import { checkEjection, type EjectionOptions } from "../ejection/probing-ejector.ts";
import { adaptive } from "../policies/adaptive.ts";
import { leastInFlight } from "../policies/least-in-flight.ts";
import { maglev } from "../policies/maglev.ts";
import { peakEwma } from "../policies/peak-ewma.ts";
import { powerOfTwo } from "../policies/power-of-two.ts";
import { prequalHcl } from "../policies/prequal-hcl.ts";
import { random } from "../policies/random.ts";
import { ringHash } from "../policies/ring-hash.ts";
import { roundRobin } from "../policies/round-robin.ts";
import { weightedRoundRobin } from "../policies/weighted-round-robin.ts";
import type { Policy } from "../policy.ts";

type Makers<Product> = Readonly<Record<string, (parameters: object) => Product>>;

const POLICIES: Makers<Policy> = {
  adaptive: withoutParameters(adaptive),
  leastInFlight: withoutParameters(leastInFlight),
  maglev,
  peakEwma,
  powerOfTwo,
  prequalHcl,
  random: withoutParameters(random),
  ringHash,
  roundRobin: withoutParameters(roundRobin),
  weightedRoundRobin,
};

const EJECTIONS: Makers<EjectionOptions | Ejection> = {
  probing: (parameters) => assertChecked(parameters, checkEjection, "probing"),
  outlierDetection,
};

/** @throws ConfigurationError for a name that nobody has, and for parameters that can't be used */
export function policyNamed(named: Named): Policy {
  return make("policy", POLICIES, named);
}

/** @throws ConfigurationError likewise */
export function ejectionNamed(named: Named): EjectionOptions | Ejection {
  return make("ejection", EJECTIONS, named);
}

function make<Product>(kind: string, makers: Makers<Product>, { name, parameters = {} }: Named): Product {
  const maker = Object.hasOwn(makers, name) ? makers[name] : undefined;
  if (maker === undefined) throw new ConfigurationError(expected(`${kind}.name`, `one of ${Object.keys(makers).join(", ")}`, name));
  return maker(parameters);
}

function withoutParameters<Product>(maker: () => Product): (parameters: object) => Product {
  return (parameters) => {
    const [unknown] = Object.keys(parameters);
    if (unknown !== undefined) throw new ConfigurationError(`${maker.name}.${unknown}: ${maker.name} has no parameters`);
    return maker();
  };
}
