import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { rowHeight, useVisibleRows } from "./visible-rows.ts";

/** A column of a table. */
export interface Column<Row, Most = undefined> {
  readonly name: string;
  /** What it means, for who points at it. */
  readonly title: string;
  readonly isNumber?: boolean;
  /** Whoever sorts by it looks for the largest first. Default: of numbers. */
  readonly isDown?: boolean;
  /** By what rows are sorted. What is undefined comes last. */
  readonly key: (row: Row) => number | string | undefined;
  readonly cell: (row: Row, most: Most) => ComponentChildren;
}

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

interface Sorting {
  readonly name: string;
  readonly isDown: boolean;
}

function isDownAtFirst<Row, Most>(columns: readonly Column<Row, Most>[], name: string): boolean {
  const column = columns.find((other) => other.name === name);
  return column?.isDown ?? column?.isNumber ?? false;
}

/** Those that pass the filter. */
function inOrder<Row, Most>({ rows, columns, filter, idOf, textOf }: TableProps<Row, Most>, { name, isDown }: Sorting): readonly Row[] {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const key = columns.find((other) => other.name === name)?.key ?? idOf;
  const byId = (one: Row, other: Row) => idOf(one).localeCompare(idOf(other), "en", { numeric: true });
  return rows
    .filter((row) => words.length === 0 || words.every((word) => textOf(row).includes(word)))
    .sort((one, other) => compare(key(one), key(other), isDown ? -1 : 1) || byId(one, other));
}

function compare(one: number | string | undefined, other: number | string | undefined, sign: number): number {
  if (one === undefined || other === undefined) return one === other ? 0 : one === undefined ? 1 : -1;
  if (typeof one === "number" && typeof other === "number") return sign * (one - other);
  return sign * String(one).localeCompare(String(other), "en", { numeric: true });
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
