import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import {
  type DescField,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { type FakeHandler, type FakeOctane, startFakeOctane } from "../../test/fake-octane.ts";
import { loadBuiltIn } from "../contract/built-in.ts";
import type { ContractMethod, Generation } from "../contract/contract.ts";
import { ProxyError, type Reason } from "../errors.ts";
import { silentLogger } from "../observe/logger.ts";
import { createUpstream } from "../upstream/create-upstream.ts";
import { createSession } from "./create-session.ts";
import { translations } from "./generations.ts";
import { pinKeys, pinTypes } from "./pin-values.ts";
import type { Session } from "./session.ts";

const contracts = { alpha5: loadBuiltIn("alpha5"), beta2: loadBuiltIn("beta2") };
const node = "octaneapi.ApiNodeService";
const item = "octaneapi.ApiItemService";
const callOptions = { timeoutMs: 5000 };

/** A JSON reply, or a refusal, to a request read by protobuf-es: no code of the translation takes part. */
type JsonHandler = (
  request: JsonObject,
) => JsonObject | { readonly status: number; readonly details: string };

interface Rig {
  readonly octane: FakeOctane;
  readonly session: Session;
  /** Calls as a client of the method's generation: JSON in and out through that generation's own descriptors. */
  call(name: string, request: JsonObject): Promise<JsonValue>;
}

/** An Octane of one generation that has just the given methods, and a session that knows what it is. */
async function connect(
  t: TestContext,
  generation: Generation,
  methods: Readonly<Record<string, JsonHandler>>,
): Promise<Rig> {
  const handlers = new Map<string, FakeHandler>();
  for (const [name, handle] of Object.entries(methods)) {
    const method = methodOf(generation, name);
    handlers.set(method.path, ({ wire }) => {
      const reply = handle(
        toJson(method.desc.input, fromBinary(method.desc.input, wire), {
          useProtoFieldName: true,
        }) as JsonObject,
      );
      if (typeof reply.status === "number") return { code: reply.status, details: String(reply.details) };
      return toBinary(method.desc.output, fromJson(method.desc.output, reply as JsonObject));
    });
  }
  const octane = await startFakeOctane(handlers);
  const upstream = createUpstream({ candidates: [octane.address], logger: silentLogger });
  const session = createSession({ name: "test", upstream, contracts, generation, logger: silentLogger });
  t.after(async () => {
    await session.close();
    await upstream.close();
    octane.close();
  });
  return {
    octane,
    session,
    async call(name, request) {
      const [service = "", method = ""] = name.split("/");
      const target = session.findMethod(service, method);
      const { input, output } = target.method.desc;
      const reply = await session.call(target, toBinary(input, fromJson(input, request)), callOptions);
      return toJson(output, fromBinary(output, reply.wire), { useProtoFieldName: true });
    },
  };
}

function methodOf(generation: Generation, name: string): ContractMethod {
  const [service = "", method = ""] = name.split("/");
  const found = contracts[generation].services.get(service)?.methods.get(method);
  assert.ok(found, `${generation} has no ${name}`);
  return found;
}

function failsWith(reason: Reason, pattern: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof ProxyError, String(error));
    assert.equal(error.reason, reason, error.message);
    assert.match(error.message, pattern);
    return true;
  };
}

/** A value with every field set to something of its own. */
function sample(field: DescField, seed: number): JsonValue {
  if (field.fieldKind === "message") return sampleMessage(field.message, seed);
  if (field.fieldKind === "scalar") {
    switch (field.scalar) {
      case 8:
        return true;
      case 9:
        return `text ${seed}`;
      case 1:
      case 2:
        return seed + 0.5;
      default:
        return seed;
    }
  }
  if (field.fieldKind === "list" && field.listKind === "message")
    return [sampleMessage(field.message, seed), sampleMessage(field.message, seed + 10)];
  if (field.fieldKind === "list")
    return field.listKind === "scalar" && field.scalar === 2 ? [seed + 0.5, 2] : [];
  return seed;
}

function sampleMessage(message: DescMessage, seed: number): JsonObject {
  return Object.fromEntries(message.fields.map((field, index) => [field.name, sample(field, seed + index)]));
}

const keyField = { ByPinID: ["pin_id", "id"], ByName: ["name", "name"], ByIx: ["index", "index"] } as const;
const keyValue = { ByPinID: "P_FILM_SETTINGS", ByName: "filmSettings", ByIx: 7 } as const;
const ref = { handle: "1000025", type: "ApiNode" };

/** The names of the types' members in Beta 2 and of Alpha 5's enum names, as the contract has them. */
const memberNames = [
  "bool_value",
  "float_value",
  "float2_value",
  "float3_value",
  "float4_value",
  "int_value",
  "int2_value",
  "int3_value",
  "int4_value",
  "matrix_value",
  "string_value",
  "file_path_value",
];
const pinTypeIds = [
  "PIN_ID_BOOL",
  "PIN_ID_FLOAT",
  "PIN_ID_FLOAT2",
  "PIN_ID_FLOAT3",
  "PIN_ID_FLOAT4",
  "PIN_ID_INT",
  "PIN_ID_INT2",
  "PIN_ID_INT3",
  "PIN_ID_INT4",
  "PIN_ID_MATRIX",
  "PIN_ID_STRING",
  "PIN_ID_FILEPATH",
];
const attributeTypes = [
  "AT_BOOL",
  "AT_FLOAT",
  "AT_FLOAT2",
  "AT_FLOAT3",
  "AT_FLOAT4",
  "AT_INT",
  "AT_INT2",
  "AT_INT3",
  "AT_INT4",
  "AT_MATRIX",
  "AT_STRING",
  "AT_FILENAME",
];

for (const key of pinKeys) {
  const [beta2Key, alpha5Key] = keyField[key.beta2];
  const pin = keyValue[key.beta2];
  describe(`pin values ${key.beta2}`, () => {
    for (const [index, type] of pinTypes.entries()) {
      const member = memberNames[index] ?? "";
      const setName = `${node}/setPinValue${key.overload(index)}`;
      const valueField = methodOf("alpha5", setName).desc.input.fields.find(({ name }) => name === "value");
      assert.ok(valueField);
      const value = sample(valueField, 3);
      const isMessage = valueField.fieldKind === "message";
      const empty = isMessage ? {} : type.name === "Bool" ? false : type.name === "String" ? "" : 0;

      for (const name of [`getPinValue${key.overload(index)}`, `getPin${type.name}${key.plain}`]) {
        test(`${name} is answered by a Beta 2`, async (t) => {
          let held: JsonValue = value;
          const asked: JsonObject[] = [];
          const rig = await connect(t, "beta2", {
            [`${node}/getPinValue${key.beta2}`]: (request) => {
              asked.push(request);
              return { [member]: held };
            },
          });
          const resultName = methodOf("alpha5", `${node}/${name}`).desc.output.fields[0]?.name ?? "";
          assert.deepEqual(await rig.call(`${node}/${name}`, { objectPtr: ref, [alpha5Key]: pin }), {
            [resultName]: value,
          });
          assert.deepEqual(asked, [{ item_ref: ref, [beta2Key]: pin, expected_type: pinTypeIds[index] }]);
          held = empty;
          const none = await rig.call(`${node}/${name}`, { objectPtr: ref, [alpha5Key]: pin });
          assert.deepEqual(none, isMessage ? { [resultName]: {} } : {});
        });
      }

      test(`${setName} is carried out by a Beta 2`, async (t) => {
        const asked: JsonObject[] = [];
        const rig = await connect(t, "beta2", {
          [`${node}/setPinValue${key.beta2}`]: (request) => {
            asked.push(request);
            return { success: true };
          },
        });
        const request = { objectPtr: ref, [alpha5Key]: pin };
        assert.deepEqual(await rig.call(setName, { ...request, value, evaluate: true }), {});
        assert.deepEqual(await rig.call(setName, request), {});
        assert.deepEqual(asked, [
          { item_ref: ref, [beta2Key]: pin, evaluate: true, [member]: value },
          { item_ref: ref, [beta2Key]: pin, evaluate: false, [member]: empty },
        ]);
      });

      test(`getPinValue${key.beta2} of ${member} is answered by an Alpha 5`, async (t) => {
        let held: JsonObject = { value };
        const asked: JsonObject[] = [];
        const rig = await connect(t, "alpha5", {
          [`${node}/getPinValue${key.overload(index)}`]: (request) => {
            asked.push(request);
            return held;
          },
        });
        const request = { item_ref: ref, [beta2Key]: pin, expected_type: pinTypeIds[index] ?? "" };
        assert.deepEqual(await rig.call(`${node}/getPinValue${key.beta2}`, request), { [member]: value });
        held = {};
        assert.deepEqual(await rig.call(`${node}/getPinValue${key.beta2}`, request), { [member]: empty });
        assert.deepEqual(asked, Array(2).fill({ objectPtr: ref, [alpha5Key]: pin }));
      });

      test(`getPinValue${key.beta2} without expected_type finds ${member} out from an Alpha 5`, async (t) => {
        const asked: JsonObject[] = [];
        const connected = key.plain === "" ? "connectedNode" : `connectedNode${key.plain}`;
        const rig = await connect(t, "alpha5", {
          [`${node}/${connected}`]: (request) => {
            asked.push(request);
            return { result: { handle: "77", type: "ApiNode" } };
          },
          [`${item}/attrType`]: (request) => {
            asked.push(request);
            return { result: attributeTypes[index] ?? "" };
          },
          [`${node}/getPinValue${key.overload(index)}`]: () => ({ value }),
        });
        const request = { item_ref: ref, [beta2Key]: pin };
        assert.deepEqual(await rig.call(`${node}/getPinValue${key.beta2}`, request), { [member]: value });
        const pinName = { ByPinID: "pinId", ByName: "pinName", ByIx: "pinIx" }[key.beta2];
        assert.deepEqual(asked, [
          { objectPtr: ref, [pinName]: pin, enterWrapperNode: true },
          { objectPtr: { handle: "77", type: "ApiNode" }, id: "A_VALUE" },
        ]);
      });

      test(`setPinValue${key.beta2} of ${member} is carried out by an Alpha 5`, async (t) => {
        const asked: JsonObject[] = [];
        const rig = await connect(t, "alpha5", {
          [setName]: (request) => {
            asked.push(request);
            return {};
          },
        });
        const request = { item_ref: ref, [beta2Key]: pin };
        const name = `${node}/setPinValue${key.beta2}`;
        assert.deepEqual(await rig.call(name, { ...request, [member]: value }), { success: true });
        assert.deepEqual(await rig.call(name, { ...request, [member]: empty, evaluate: false }), {
          success: true,
        });
        const sent = { objectPtr: ref, [alpha5Key]: pin };
        assert.deepEqual(asked, [
          { ...sent, value, evaluate: true },
          isMessage ? { ...sent, value: {} } : sent,
        ]);
      });
    }

    test("that Alpha 5 lacks are refused before anything is sent", async (t) => {
      const rig = await connect(t, "alpha5", { [`${node}/setPinValue${key.overload(5)}`]: () => ({}) });
      const name = `${node}/setPinValue${key.beta2}`;
      const request = { item_ref: ref, [beta2Key]: pin };
      await assert.rejects(
        rig.call(name, { ...request, long_value: "5" }),
        failsWith("not_translatable", /int_value/),
      );
      await assert.rejects(
        rig.call(name, { ...request, long2_value: {} }),
        failsWith("not_translatable", /int2_value/),
      );
      await assert.rejects(rig.call(name, request), failsWith("not_translatable", /no value/));
      await assert.rejects(
        rig.call(`${node}/getPinValue${key.beta2}`, { ...request, expected_type: "PIN_ID_BYTE" }),
        failsWith("not_translatable", /PinTypeId 2/),
      );
      assert.deepEqual(rig.octane.received, []);
    });

    test("a refusal in Beta 2's reply is a failure for an Alpha 5 client", async (t) => {
      let reply: JsonObject = { success: false, error_message: "the pin is locked" };
      const rig = await connect(t, "beta2", { [`${node}/setPinValue${key.beta2}`]: () => reply });
      const call = () =>
        rig.call(`${node}/setPinValue${key.overload(0)}`, { objectPtr: ref, [alpha5Key]: pin });
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof ProxyError);
        assert.equal(
          `${error.code} ${error.reason} ${error.message}`,
          "FAILED_PRECONDITION upstream_status the pin is locked",
        );
        return true;
      });
      reply = {};
      await assert.rejects(call, failsWith("upstream_status", /did not set/));
    });

    test("a value of another type than an Alpha 5 client asked for is not passed off as it", async (t) => {
      const rig = await connect(t, "beta2", {
        [`${node}/getPinValue${key.beta2}`]: () => ({ int_value: 3 }),
      });
      await assert.rejects(
        rig.call(`${node}/getPinValue${key.overload(0)}`, { objectPtr: ref, [alpha5Key]: pin }),
        failsWith("not_translatable", /type "Int", not "Bool"/),
      );
    });

    test("a pin whose type cannot be told asks for expected_type", async (t) => {
      const connected = `${node}/connectedNode${key.plain}`;
      const rig = await connect(t, "alpha5", { [connected]: () => ({}) });
      await assert.rejects(
        rig.call(`${node}/getPinValue${key.beta2}`, { item_ref: ref, [beta2Key]: pin }),
        failsWith("not_translatable", /expected_type/),
      );
    });

    test("the upstream's own failure passes as it is", async (t) => {
      const refuse = () => ({ status: 5, details: "no such node" });
      const rig = await connect(t, "beta2", { [`${node}/getPinValue${key.beta2}`]: refuse });
      await assert.rejects(
        rig.call(`${node}/getPinValue${key.overload(0)}`, { objectPtr: ref }),
        (error) =>
          error instanceof ProxyError && error.code === "NOT_FOUND" && error.message === "no such node",
      );
    });
  });
}

describe("item values", () => {
  for (const [by, keyName, keyed] of [
    ["AttrID", "attribute_id", "A_VALUE"],
    ["Name", "name", "value"],
    ["Ix", "index", 3],
  ] as const) {
    const request = { item_ref: ref, [keyName]: keyed };
    test(`get…By${by} works with either name on either generation`, async (t) => {
      for (const [generation, has] of [
        ["alpha5", `getBy${by}`],
        ["beta2", `getValueBy${by}`],
      ] as const) {
        const asked: JsonObject[] = [];
        const rig = await connect(t, generation, {
          [`${item}/${has}`]: (each) => {
            asked.push(each);
            return { float3_value: { x: 1, y: 2, z: 3 } };
          },
        });
        for (const name of [`getBy${by}`, `getValueBy${by}`]) {
          const reply = await rig.call(`${item}/${name}`, { ...request, expected_type: "ATTR_ID_FLOAT3" });
          assert.deepEqual(reply, { float3_value: { x: 1, y: 2, z: 3 } });
        }
        assert.deepEqual(asked, Array(2).fill({ ...request, expected_type: "ATTR_ID_FLOAT3" }));
      }
    });

    test(`set…By${by} works with either name on either generation, and evaluate reaches only Beta 2`, async (t) => {
      for (const [generation, has] of [
        ["alpha5", `setBy${by}`],
        ["beta2", `setValueBy${by}`],
      ] as const) {
        const rig = await connect(t, generation, { [`${item}/${has}`]: () => ({ success: true }) });
        assert.deepEqual(await rig.call(`${item}/setBy${by}`, { ...request, bool_value: false }), {
          success: true,
        });
        const reply = await rig.call(`${item}/setValueBy${by}`, {
          ...request,
          bool_value: false,
          evaluate: false,
        });
        assert.deepEqual(reply, { success: true });
        const { input } = methodOf("beta2", `${item}/setValueBy${by}`).desc;
        const asked = rig.octane.received.map(({ wire }) =>
          toJson(input, fromBinary(input, wire), { useProtoFieldName: true }),
        );
        const plain = { ...request, bool_value: false };
        assert.deepEqual(asked, [plain, generation === "beta2" ? { ...plain, evaluate: false } : plain]);
      }
    });
  }
});

describe("methods that one generation has alone", () => {
  const cases: readonly [connected: Generation, name: string, advice: RegExp][] = [
    ["beta2", "octaneapi.ApiRenderEngineService/hardwareRayTracingEnabled", /does not tell/],
    ["alpha5", "octaneapi.ApiControlService/getWebRTCStatus", /no WebRTC server/],
    ["alpha5", "octaneapi.ApiControlService/closeOctane", /by hand/],
  ];
  for (const [connected, name, advice] of cases) {
    test(`${name} is refused by name of both generations when ${connected} is connected`, async (t) => {
      const rig = await connect(t, connected, {});
      await assert.rejects(rig.call(name, {}), (error) => {
        failsWith("not_translatable", advice)(error);
        failsWith("not_translatable", /Alpha 5.*Beta 2|Beta 2.*Alpha 5/)(error);
        assert.equal((error as ProxyError).httpStatus, 501);
        return true;
      });
      assert.deepEqual(rig.octane.received, []);
    });
  }
});

describe("the table", () => {
  const names = (generation: Generation): Set<string> =>
    new Set(
      [...contracts[generation].services.values()].flatMap((service) =>
        [...service.methods.values()].map(({ path }) => path),
      ),
    );

  test("has one row for every method that only one generation has, and no other", () => {
    const [alpha5, beta2] = [names("alpha5"), names("beta2")];
    const expected = [
      ...[...alpha5].filter((path) => !beta2.has(path)).map((path) => `alpha5 ${path}`),
      ...[...beta2].filter((path) => !alpha5.has(path)).map((path) => `beta2 ${path}`),
    ];
    assert.deepEqual(translations.map(({ from, path }) => `${from} ${path}`).sort(), expected.sort());
  });

  test("gives a reason with every row", () => {
    for (const row of translations) assert.ok(row.reason.length > 20, row.path);
  });

  test("agrees with the contract on every number it relies on", () => {
    const oneof = methodOf("beta2", `${node}/getPinValueByPinID`).desc.output.oneofs[0];
    const expectedType = methodOf("beta2", `${node}/getPinValueByPinID`).desc.input.fields[2]?.enum;
    const attributeType = methodOf("alpha5", `${item}/attrType`).desc.output.fields[0]?.enum;
    for (const [index, type] of pinTypes.entries()) {
      assert.equal(oneof?.fields.find(({ name }) => name === memberNames[index])?.number, type.member);
      assert.equal(
        expectedType?.values.find(({ name }) => name === pinTypeIds[index])?.number,
        type.pinTypeId,
      );
      assert.equal(
        attributeType?.values.find(({ name }) => name === attributeTypes[index])?.number,
        type.attributeType,
      );
    }
  });
});
