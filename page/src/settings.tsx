import type { DebuggedTransport } from "../../src/debug/debug-snapshot.ts";
import { transport } from "./state.ts";

const origins = { code: "set in code", discovery: "set by discovery", default: "default" } as const;

/** What is in force, and who set it. */
export function Settings() {
  const shown = transport.value;
  if (shown === undefined) return null;
  return (
    <section class="card">
      <header>
        <h2>In force</h2>
      </header>
      <table class="settings">
        <tbody>
          {rowsOf(shown).map(([name, value, origin]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
              <td class="muted">{origin}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function rowsOf({
  target,
  authority,
  zone,
  settings: { methods, ...settings },
}: DebuggedTransport): readonly (readonly [name: string, value: string, origin: string])[] {
  return [
    ["target", target, ""],
    ["authority", authority ?? "the dialled address", ""],
    ["own zone", zone ?? "not known", ""],
    ...Object.entries({ ...settings, ...methods }).map(([name, { value, from }]) => [name, textOf(value), origins[from]] as const),
  ];
}

/** Plain data in the fewest words. */
function textOf(value: unknown): string {
  if (value === false) return "off";
  if (Array.isArray(value)) return value.map(textOf).join(" and ");
  if (typeof value !== "object" || value === null) return String(value);
  if ("name" in value) return `${value.name}${"parameters" in value ? ` ${textOf(value.parameters)}` : ""}`;
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${textOf(inner)}`)
    .join(", ");
}
