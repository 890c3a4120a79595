import { sourcePages } from "../../scripts/docs/source-pages.ts";

export default {
  paths: () => [...sourcePages()].map(([file, content]) => ({ params: { file }, content })),
};
