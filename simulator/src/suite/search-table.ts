import type { PodsNeeded, SearchResults } from "./pods-needed.ts";
import type { Table } from "./table.ts";

/** How many pods each entrant needs: a row an entrant, a column a search. */
export function searchTable(searches: readonly SearchResults[]): Table {
  const names = [...new Set(searches.flatMap(({ search }) => search.contenders))];
  const rows = names.map((name) => [name, ...searches.map((results) => neededText(results, name))]);
  return {
    title: "Pods needed",
    note: searches.map(({ search }) => `${search.name}: ${search.description}`).join(" "),
    columns: [{ label: "policy" }, ...searches.map(({ search }) => ({ label: search.name, meaning: meaningOf(search.contenders[0]) }))],
    rows,
  };
}

function meaningOf(first: string | undefined): string {
  return first === undefined ? "pods" : `pods, and how many more or fewer than with ${first}`;
}

function neededText({ search, needed }: SearchResults, name: string): string {
  const own = needed.find(({ contender }) => contender === name);
  if (own === undefined) return "";
  if (own.count === undefined) return `more than ${search.to}`;
  return `${own.count}${savingText(own.count, own === needed[0] ? undefined : needed[0])}`;
}

function savingText(count: number, first: PodsNeeded | undefined): string {
  if (first?.count === undefined) return "";
  const percent = Math.round((count / first.count - 1) * 100);
  return ` (${percent > 0 ? "+" : percent < 0 ? "−" : "±"}${Math.abs(percent)} %)`;
}
