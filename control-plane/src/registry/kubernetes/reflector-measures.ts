import type { Measure, Sample } from "../../measure.ts";
import type { ReflectorStatus } from "../../reflector/reflector-status.ts";

/** What is measured of reflectors, by the path of each. */
export function reflectorMeasures(statuses: () => ReadonlyMap<string, ReflectorStatus>): readonly Measure[] {
  const measure = (
    name: string,
    kind: Measure["kind"],
    description: string,
    read: (status: ReflectorStatus) => number | undefined,
  ): Measure => ({
    name: `registry.kubernetes.${name}`,
    kind,
    description,
    read: () => [...statuses()].flatMap(([path, status]) => sample(read(status), { path })),
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
        [...statuses()].flatMap(([path, { restarts }]) => [...restarts].map(([reason, value]) => ({ value, labels: { path, reason } }))),
    },
  ];
}

function sample(value: number | undefined, labels: Sample["labels"]): readonly Sample[] {
  return value === undefined ? [] : [{ value, labels }];
}

function seconds(ageMs: number | undefined): number | undefined {
  return ageMs === undefined ? undefined : ageMs / 1_000;
}
