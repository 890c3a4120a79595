import { type Column, type Mark, markOf, type Table, type TableCell, textOf } from "../suite/table.ts";
import { html, type Markup } from "./html.ts";

/** A table that scrolls sideways within its own box; whose name stands first in a row can be picked out in the pictures. */
export function htmlTable({ title, note, columns, rows }: Table): Markup {
  return html`${title !== undefined && html`<h4>${title}</h4>`}${note !== undefined && html`<p class="note">${note}</p>`}<div class="scroll"><table><thead><tr>${columns.map(head)}</tr></thead><tbody>${rows.map((cells) => row(cells, columns))}</tbody></table></div>`;
}

function head({ label, meaning }: Column): Markup {
  return meaning === undefined ? html`<th scope="col">${label}</th>` : html`<th scope="col" title="${meaning}">${label}</th>`;
}

function row([name, ...cells]: readonly TableCell[], [, ...columns]: readonly Column[]): Markup {
  const text = name === undefined ? "" : textOf(name);
  return html`<tr data-who="${text.replace(" (bound)", "")}"><th scope="row">${text}</th>${cells.map((cell, place) => cellMarkup(cell, columns[place]?.isText ? "text" : markOf(cell)))}</tr>`;
}

function cellMarkup(cell: TableCell, look: Mark | "text" | undefined): Markup {
  return look === undefined ? html`<td>${textOf(cell)}</td>` : html`<td class="${look}">${textOf(cell)}</td>`;
}
