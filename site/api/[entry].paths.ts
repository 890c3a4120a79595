import { apiPages } from "../../scripts/docs/api-pages.ts";
import { fileNameOf } from "../../scripts/entry-points.ts";

export default {
  paths: () => [...apiPages()].map(([name, content]) => ({ params: { entry: fileNameOf(name) }, content })),
};
