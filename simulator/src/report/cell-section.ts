import type { CellResults } from "../suite/cell.ts";
import type { Entrant } from "../suite/entrant.ts";
import { policyTable } from "../suite/policy-table.ts";
import { windowTable } from "../suite/window-table.ts";
import { html, type Markup } from "./html.ts";
import { htmlTable } from "./html-table.ts";
import { latencyPicture } from "./latency-picture.ts";
import type { Looks } from "./looks.ts";
import { podsPicture } from "./pods-picture.ts";
import { errorPicture, p99Picture } from "./time-pictures.ts";

/** All about one cell: what it is, who took part, pictures, tables. */
export function cellSection(results: CellResults, entrants: readonly Entrant[], looks: Looks, focus: string): Markup {
  const { name, description } = results.cell.scenario;
  const errors = errorPicture(results, looks, focus);
  const windows = windowTable(results);
  return html`<section class="cell" id="${name}">
<h3>${name}</h3><p>${description}</p>
${legend([...results.runs.keys()], entrants, looks)}
<div class="pictures">
${picture("Latency: the further right, the rarer the call", latencyPicture(results, looks, focus))}
${picture("p99, second by second", p99Picture(results, looks, focus))}
${errors !== undefined && picture("Failed calls, second by second", errors)}
</div>
<figure><figcaption>Calls by pod and unit of weight, in the first seed: group by group, the busiest first; the line is the mean</figcaption>${podsPicture(results)}</figure>
${htmlTable(policyTable(results, entrants))}
${windows !== undefined && htmlTable({ ...windows, title: "By window" })}
</section>`;
}

function picture(caption: string, drawn: Markup): Markup {
  return html`<figure><figcaption>${caption}</figcaption>${drawn}</figure>`;
}

/** Who is drawn how; pointing at a name or choosing it picks it out. */
function legend(names: readonly string[], entrants: readonly Entrant[], looks: Looks): Markup {
  const described = new Map(entrants.map(({ name, description }) => [name, description]));
  const items = names.map((name) => {
    return html`<button type="button" data-who="${name}" title="${described.get(name)}"><svg viewBox="0 0 24 8" aria-hidden="true"><path class="${looks(name)}" d="M1 4H23"/></svg>${name}</button>`;
  });
  return html`<div class="legend">${items}</div>`;
}
