import type { ServicesWatch } from "meshless-kubernetes";
import type { ReflectorStatus } from "meshless-kubernetes/reflector";
import type { Measure, Sample } from "../measure.ts";

/**
 * What is measured of list and watch, by the path of each collection, and of what came of it.
 *
 * @param watches by the names of their clusters; that of this one is empty
 */
export function kubernetesMeasures(
  watches: ReadonlyMap<string, Pick<ServicesWatch, "statuses">>,
  services: { readonly problems: ReadonlyMap<string, number> },
): readonly Measure[] {
  const statuses = () =>
    [...watches].flatMap(([cluster, watch]) =>
      [...watch.statuses].map(([path, status]) => ({ status, labels: cluster === "" ? { path } : { path, cluster } })),
    );
  const measure = (
    name: string,
    kind: Measure["kind"],
    description: string,
    read: (status: ReflectorStatus) => number | undefined,
  ): Measure => ({
    name: `registry.kubernetes.${name}`,
    kind,
    description,
    read: () => statuses().flatMap(({ status, labels }) => sample(read(status), labels)),
  });
  return [
    measure("objects", "gauge", "Objects that are known", ({ objects }) => objects),
    measure("lists", "counter", "How often all objects were read", ({ lists }) => lists),
    measure("unreadable", "counter", "Objects that could not be read, and stayed as they were", ({ unreadable }) => unreadable),
    measure("fresh_age_seconds", "gauge", "Since it was last known that nothing is missing", ({ freshAgeMs }) => seconds(freshAgeMs)),
    measure("event_age_seconds", "gauge", "Since the last change of an object came", ({ eventAgeMs }) => seconds(eventAgeMs)),
    {
      name: "registry.kubernetes.restarts",
      kind: "counter",
      description: "How often a watch began anew, and why",
      read: () =>
        statuses().flatMap(({ status, labels }) =>
          [...status.restarts].map(([reason, value]) => ({ value, labels: { ...labels, reason } })),
        ),
    },
    {
      name: "registry.kubernetes.problems",
      kind: "gauge",
      description: "What is wrong with a Service, and a person has to mend: the log has it",
      read: () => problemSamples(services.problems),
    },
  ];
}

/** Whoever may annotate Services may make many of them wrong. */
const maxNamed = 100;

/** By Service, as far as they are few; one without a name where nothing is wrong. */
function problemSamples(problems: ReadonlyMap<string, number>): readonly Sample[] {
  const named = [...problems].slice(0, maxNamed).map(([service, value]) => ({ value, labels: { service } }));
  const rest = [...problems.values()].slice(maxNamed).reduce((sum, value) => sum + value, 0);
  return rest > 0 || named.length === 0 ? [...named, { value: rest, labels: {} }] : named;
}

function sample(value: number | undefined, labels: Sample["labels"]): readonly Sample[] {
  return value === undefined ? [] : [{ value, labels }];
}

function seconds(ageMs: number | undefined): number | undefined {
  return ageMs === undefined ? undefined : ageMs / 1_000;
}
