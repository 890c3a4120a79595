import type { EndpointSnapshot } from "meshless";
import type { AddCommand } from "../add-command.ts";
import { exitCodes, type Paint, painter } from "../environment.ts";
import { standingText } from "../standing-text.ts";
import { type Column, tableText } from "../table.ts";
import { addTargetOptions, assertKnown, openTarget, settled, type TargetOptions } from "../target-options.ts";
import { count, nothing, plain } from "../words.ts";

/** Who is there, and who can be reached from here. */
export const endpointsCommand: AddCommand = (program, environment, ended) => {
  addTargetOptions(program.command("endpoints").argument("<target>", "such as dns:///checkout.shop:8080 or xds:///checkout.shop:8080"))
    .description("lists the endpoints of a target, and whether each can be reached from here")
    .action(async (target: string, options: TargetOptions) => {
      await using transport = openTarget(target, options);
      const snapshot = await settled(transport, options, environment);
      if (options.json) environment.out(`${JSON.stringify(snapshot, undefined, 2)}\n`);
      assertKnown(snapshot);
      const { endpoints, notices } = snapshot;
      ended(endpoints.some(({ connectivity }) => connectivity === "ready") ? exitCodes.well : exitCodes.wrong);
      if (options.json) return;
      const paint = painter(environment);
      const lines = tableText(columnsFor(paint), endpoints, environment.columns(), (head) => paint("muted", head));
      environment.out(`${lines.join("\n")}\n${notices.map(({ message }) => `${paint("warn", "!")} ${plain(message)}\n`).join("")}`);
    });
};

function columnsFor(paint: Paint): readonly Column<EndpointSnapshot>[] {
  return [
    { name: "ENDPOINT", cell: ({ endpoint }) => plain(endpoint.id) },
    {
      name: "ADDRESS",
      cell: ({ endpoint: { id, address, port } }) => (id === `${address}:${port}` ? "" : plain(`${address}:${port}`)),
      dispensable: 3,
    },
    { name: "ZONE", cell: ({ endpoint }) => plain(endpoint.locality?.zone || nothing), dispensable: 1 },
    { name: "WEIGHT", cell: ({ endpoint }) => count(endpoint.weight), isRight: true, dispensable: 2 },
    { name: "PRIORITY", cell: ({ endpoint }) => count(endpoint.priority), isRight: true, dispensable: 4 },
    { name: "STANDING", cell: (row) => standingText(row, paint) },
    { name: "WHY", cell: ({ reason, lastFailure }) => plain(lastFailure ?? reason), isElastic: true, dispensable: 5 },
  ];
}
