import { render } from "preact";
import { startHealth } from "./api/health.ts";
import { App } from "./app/app.tsx";
import { startRouter } from "./app/route.ts";
import { startTheme } from "./app/theme.ts";
import "./style/tokens.css";
import "./style/base.css";
import "./style/controls.css";
import "./style/containers.css";

startTheme();
startRouter();
startHealth();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
