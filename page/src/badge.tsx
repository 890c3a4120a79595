import type { Badge as Shown } from "./standing.ts";

/** A standing, by shape and word as well as by colour. */
export function Badge({ badge: { tone, icon, text } }: { readonly badge: Shown }) {
  return (
    <span class={`badge ${tone}`}>
      <i aria-hidden="true">{icon}</i>
      {text}
    </span>
  );
}
