// The API reference: picks one service at a time, so that Swagger UI has some ten operations to draw and not thousands.

/* global SwaggerUIBundle */
const element = (id) => document.getElementById(id);
const maxMatches = 200;
const proxyRoutes = { name: "proxy routes", openapi: "/openapi.json?routes=proxy", methods: [] };

/** Held only as long as the page. */
let token = "";
let services = [];
let shown = 0;

const reference = SwaggerUIBundle({
  domNode: element("reference"),
  spec: { openapi: "3.1.0", info: { title: "OctaneProxy", version: "" }, paths: {} },
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  defaultModelExpandDepth: 3,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor(request) {
    if (token !== "") request.headers.Authorization = `Bearer ${token}`;
    return request;
  },
});

element("search").addEventListener("input", listServices);
element("dialect").addEventListener("change", showSelected);
window.addEventListener("hashchange", showSelected);
element("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token = element("token").value;
  start();
});
start();

async function start() {
  try {
    const index = await getJson("services.json");
    element("token-form").hidden = true;
    element("generation").textContent = `contract: ${index.generation}`;
    services = [...index.services, proxyRoutes];
    listServices();
    await showSelected();
  } catch (error) {
    tell(error.message);
  }
}

async function getJson(path) {
  const response = await fetch(path, token === "" ? {} : { headers: { Authorization: `Bearer ${token}` } });
  if (response.status === 401) {
    element("token-form").hidden = false;
    throw new Error("The proxy wants its token.");
  }
  const value = await response.json();
  if (!response.ok) throw new Error(value.error ?? `The proxy answered ${response.status}.`);
  return value;
}

/** `#ApiItem` or `#ApiItem/name`; the first service where the address names none. */
function selection() {
  const [name = "", method] = decodeURIComponent(location.hash.slice(1)).split("/");
  return { service: services.find((each) => each.name === name) ?? services[0], method };
}

function listServices() {
  const sought = element("search").value.trim().toLowerCase();
  const current = selection().service;
  let left = maxMatches;
  const items = services.flatMap((service) => {
    const isMatch = service.name.toLowerCase().includes(sought);
    const methods =
      sought === ""
        ? []
        : service.methods.filter(({ name }) => name.toLowerCase().includes(sought)).slice(0, left);
    left -= methods.length;
    if (!isMatch && methods.length === 0) return [];
    const item = document.createElement("li");
    const link = linkTo(service.name, service.name);
    if (service.methods.length > 0) link.append(" ", small(service.methods.length));
    if (service === current) link.setAttribute("aria-current", "page");
    item.append(link);
    if (methods.length > 0) {
      const list = document.createElement("ul");
      list.append(...methods.map(({ name }) => listItem(linkTo(name, `${service.name}/${name}`))));
      item.append(list);
    }
    return [item];
  });
  element("services").replaceChildren(...items);
}

function linkTo(text, target) {
  const link = document.createElement("a");
  link.href = `#${target.split("/").map(encodeURIComponent).join("/")}`;
  link.textContent = text;
  return link;
}

function small(text) {
  const note = document.createElement("small");
  note.textContent = text;
  return note;
}

function listItem(content) {
  const item = document.createElement("li");
  item.append(content);
  return item;
}

async function showSelected() {
  const { service, method } = selection();
  if (service === undefined) return;
  listServices();
  shown += 1;
  const turn = shown;
  const dialect = service === proxyRoutes ? "" : `&dialect=${element("dialect").value}`;
  try {
    // From the page's own address, which may be below a path of another server.
    const document = await getJson(`..${service.openapi}${dialect}`);
    // A later choice may have come first.
    if (turn !== shown) return;
    tell("");
    document.servers = [{ url: new URL("..", location.href).href.replace(/\/$/, "") }];
    reference.specActions.updateSpec(JSON.stringify(document));
    if (method === undefined) window.scrollTo(0, 0);
    else openOperation(document, method);
  } catch (error) {
    if (turn === shown) tell(error.message);
  }
}

/** Opens the method's operation and scrolls to it when it is drawn. */
function openOperation(document, method) {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    path.endsWith(`/${method}`) ? Object.values(item) : [],
  );
  const [operation] = operations;
  if (operation === undefined) return;
  const { operationId, tags } = operation;
  reference.layoutActions.show(["operations", tags[0], operationId], true);
  const id = `operations-${tags[0]}-${operationId}`;
  const scroll = () => element(id)?.scrollIntoView() ?? false;
  if (element(id) !== null) {
    scroll();
    return;
  }
  const observer = new MutationObserver(() => {
    if (element(id) === null) return;
    observer.disconnect();
    scroll();
  });
  observer.observe(element("reference"), { childList: true, subtree: true });
}

function tell(text) {
  element("status").textContent = text;
}
