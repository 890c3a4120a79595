import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { type Column, inOrder, isDownAtFirst, type Sorting } from "./column.ts";
import { rowHeight, useVisibleRows } from "./visible-rows.ts";

export interface TableProps<Row, Most> {
  readonly name: string;
  /** What it shows, for who can't see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row, Most>[];
  readonly rows: readonly Row[];
  /** How many there are beyond these. */
  readonly leftOut: number;
  /** What cells are measured by. */
  readonly most: Most;
  /** The column by which it is sorted at first. */
  readonly sortedBy: string;
  readonly idOf: (row: Row) => string;
  /** What can be filtered by, in lower case. */
  readonly textOf: (row: Row) => string;
  readonly filter: Signal<string>;
  /** The row that is open, or chosen. */
  readonly opened: Signal<string | undefined>;
  readonly pointed?: Signal<string | undefined>;
  /** Below an open row. */
  readonly details?: (row: Row) => ComponentChildren;
  /** Such as `data-endpoint`, whose value is the id. */
  readonly attribute: string;
  /** For tests and style. */
  readonly standingOf: (row: Row) => string;
}

/** Rows that can be sorted, filtered and opened, by mouse and by keyboard. Of very many, those in view are drawn. */
export function Table<Row, Most>(props: TableProps<Row, Most>) {
  const { name, caption, columns, leftOut, filter, idOf } = props;
  const sorting = useSignal({ name: props.sortedBy, isDown: isDownAtFirst(columns, props.sortedBy) });
  const rows = inOrder(props, sorting.value);
  const { body, first, end } = useVisibleRows(rows.length);
  const sort = (column: Column<Row, Most>) => {
    const { name, isDown } = sorting.value;
    sorting.value = { name: column.name, isDown: name === column.name ? !isDown : isDownAtFirst(columns, column.name) };
  };
  return (
    <section class="card">
      <header>
        <h2>{name}</h2>
        <input
          type="search"
          placeholder="filter   /"
          aria-label={`Filter ${name.toLowerCase()} by any text in their row`}
          value={filter.value}
          onInput={({ currentTarget }) => (filter.value = currentTarget.value)}
        />
        <p class="muted">
          {rows.length} of {props.rows.length}
          {leftOut > 0 && `; ${leftOut} more are known, and not listed`}
        </p>
      </header>
      <div class="scroll">
        <table class="rows" aria-rowcount={rows.length + 1}>
          <caption class="unseen">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <Head key={column.name} column={column} sorting={sorting.value} onSort={() => sort(column)} />
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            <Space rows={first} />
            {rows.slice(first, end).map((row) => (
              <TableRow key={idOf(row)} row={row} table={props} />
            ))}
            <Space rows={rows.length - end} />
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** In the place of rows that nobody sees. */
function Space({ rows }: { readonly rows: number }) {
  return rows === 0 ? null : <tr style={{ height: `${rows * rowHeight}px` }} />;
}

interface HeadProps {
  readonly column: Pick<Column<never>, "name" | "title" | "isNumber">;
  readonly sorting: Sorting;
  readonly onSort: () => void;
}

function Head({ column: { name, title, isNumber }, sorting, onSort }: HeadProps) {
  const isSorted = sorting.name === name;
  const order = isSorted ? (sorting.isDown ? "descending" : "ascending") : "none";
  return (
    <th scope="col" class={isNumber ? "number" : ""} aria-sort={order} title={title}>
      <button type="button" onClick={onSort}>
        {name}
        <i aria-hidden="true">{isSorted ? (sorting.isDown ? "▾" : "▴") : ""}</i>
      </button>
    </th>
  );
}

function TableRow<Row, Most>({ row, table }: { readonly row: Row; readonly table: TableProps<Row, Most> }) {
  const { columns, idOf, opened, pointed, details, most, attribute, standingOf } = table;
  const id = idOf(row);
  const isOpen = opened.value === id;
  const toggle = () => {
    opened.value = isOpen ? undefined : id;
  };
  const point = (to: string | undefined) => {
    if (pointed !== undefined) pointed.value = to;
  };
  return (
    <>
      <tr
        {...{ [attribute]: id }}
        data-row={id}
        data-standing={standingOf(row)}
        tabIndex={0}
        aria-expanded={isOpen}
        class={(pointed?.value ?? opened.value) === id ? "focus" : ""}
        onClick={toggle}
        onKeyDown={({ key }) => key === "Enter" && toggle()}
        onMouseEnter={() => point(id)}
        onMouseLeave={() => point(undefined)}
      >
        {columns.map(({ name, isNumber, cell }) => (
          <td key={name} class={isNumber ? "number" : ""} data-column={name}>
            {cell(row, most)}
          </td>
        ))}
      </tr>
      {isOpen && details !== undefined && (
        <tr class="details">
          <td colSpan={columns.length}>{details(row)}</td>
        </tr>
      )}
    </>
  );
}
