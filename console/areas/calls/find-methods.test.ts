import assert from "node:assert/strict";
import { test } from "node:test";
import { countMethods, findMethods } from "./find-methods.ts";
import { findMethod, type Method, type Service } from "./method.ts";

const services: readonly Service[] = [
  service("ApiItem", ["name", "setName", "attrCount", "getValueByAttrID"]),
  service("ApiNode", ["pinCount", "attrName"]),
  service("LiveLink", ["GetCamera", "SetCamera"]),
];

for (const [query, expected] of [
  [
    "",
    [
      "ApiItem/name",
      "ApiItem/setName",
      "ApiItem/attrCount",
      "ApiItem/getValueByAttrID",
      "ApiNode/pinCount",
      "ApiNode/attrName",
      "LiveLink/GetCamera",
      "LiveLink/SetCamera",
    ],
  ],
  ["NAME", ["ApiItem/name", "ApiItem/setName", "ApiNode/attrName"]],
  ["node count", ["ApiNode/pinCount"]],
  ["ApiItem/name", ["ApiItem/name", "ApiItem/setName"]],
  ["attr", ["ApiItem/attrCount", "ApiItem/getValueByAttrID", "ApiNode/attrName"]],
  ["getcam", ["LiveLink/GetCamera"]],
  ["nothing such", []],
] as const) {
  test(`"${query}" finds ${expected.length} methods, the best first`, () => {
    const found = findMethods(services, query).flatMap(({ methods }) => methods.map(({ id }) => id));
    assert.deepEqual(found, expected);
    assert.equal(countMethods(findMethods(services, query)), expected.length);
  });
}

test("the service of the best method comes first", () => {
  assert.deepEqual(
    findMethods(services, "attrName").map(({ name }) => name),
    ["ApiNode"],
  );
  assert.deepEqual(
    findMethods(services, "pin").map(({ name }) => name),
    ["ApiNode"],
  );
  assert.equal(findMethods(services, "setc")[0]?.name, "LiveLink");
});

for (const name of ["ApiItem", "ApiItemService", "octaneapi.ApiItemService", "octaneapi.ApiItem"]) {
  test(`the address may call the service ${name}`, () => {
    assert.equal(findMethod(services, name, "name")?.id, "ApiItem/name");
  });
}

test("an address of what is not there finds nothing", () => {
  assert.equal(findMethod(services, "ApiItem", "Name"), undefined);
  assert.equal(findMethod(services, "Api", "name"), undefined);
});

function service(name: string, methods: readonly string[]): Service {
  const fullName = `octaneapi.${name}Service`;
  return {
    name,
    fullName,
    source: "built-in",
    methods: methods.map(
      (method): Method => ({
        id: `${name}/${method}`,
        service: name,
        name: method,
        kind: "unary",
        readsOnly: true,
        fullServiceName: fullName,
      }),
    ),
  };
}
