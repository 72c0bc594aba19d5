// Part of `npm run build`: puts the API reference page and what it needs of Swagger UI into generated/reference/, so
// that the package has them without depending on Swagger UI.
import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const page = join(root, "src", "http", "reference-page");
const swaggerUi = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
const target = join(root, "generated", "reference");

mkdirSync(target, { recursive: true });
for (const name of ["index.html", "page.js", "page.css"]) copyFileSync(join(page, name), join(target, name));
for (const name of [
  "swagger-ui-bundle.js",
  "swagger-ui-bundle.js.LICENSE.txt",
  "swagger-ui.css",
  "LICENSE",
  "NOTICE",
]) {
  copyFileSync(join(swaggerUi, name), join(target, name));
}
