import { apiPages } from "../../scripts/docs/api-pages.ts";

export default {
  paths: () => [...apiPages()].map(([name, content]) => ({ params: { entry: name.replace("/", "-") }, content })),
};
