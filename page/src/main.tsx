import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./page.css";
import { follow } from "./follow.ts";
import { listenToKeys } from "./keys.ts";
import { Page } from "./page.tsx";

render(<Page />, document.body);
listenToKeys();
follow();
