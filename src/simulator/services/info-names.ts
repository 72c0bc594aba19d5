import { pinNameOf } from "../scene/catalogue/pins.ts";
import type { IdSpace, Ids } from "../scene/ids.ts";
import type { HandlerTable, UnaryHandler } from "./handler.ts";
import type { Ref } from "./request.ts";

type Typed = { readonly type: number };

/** `NT_CAM_THINLENS` reads "cam thinlens". */
const readable =
  (space: keyof Ids): UnaryHandler =>
  ({ type }: Typed, { ids }) => ({ result: words(ids[space].findName(type)) });

const oslTypes = new Map([
  ["int", "TEXTURE_VALUE_TYPE_INT"],
  ["float", "TEXTURE_VALUE_TYPE_FLOAT"],
  ["color", "TEXTURE_VALUE_TYPE_COLOR3"],
  ["point", "TEXTURE_VALUE_TYPE_POINT"],
  ["vector", "TEXTURE_VALUE_TYPE_VECTOR3"],
  ["normal", "TEXTURE_VALUE_TYPE_NORMAL"],
  ["matrix", "TEXTURE_VALUE_TYPE_MATRIX"],
  ["string", "TEXTURE_VALUE_TYPE_STRING"],
]);

/** Names of types and ids, and ids of names. A number without a name gives an empty text, a name without an id 0. */
export const namingMethods: HandlerTable<UnaryHandler> = {
  getAttributeTypeName: readable("attributeType"),
  getPinTypeName: readable("pinType"),
  getGraphTypeName: readable("graph"),
  getNodeTypeName: readable("node"),
  getItemTypeName({ item: ref }: { readonly item: Ref }, { scene, ids }) {
    const item = scene.item(ref);
    return {
      result: words(item.kind === "node" ? item.type.spec.type : ids.graph.findName(item.type.number)),
    };
  },
  getAttributeName: ({ id }: { readonly id: number }, { ids }) => ({
    result: shortName(ids.attribute.findName(id)),
  }),
  getAttributeId: ({ attributeName }: { readonly attributeName: string }, { ids }) => ({
    result: idOfName(ids.attribute, attributeName),
  }),
  getAttributeIdName: ({ id }: { readonly id: number }, { ids }) => ({
    result: ids.attribute.findName(id) ?? "",
  }),
  getAttributeIdName1: ({ attributeName }: { readonly attributeName: string }, { ids }) => ({
    result: ids.attribute.findName(idOfName(ids.attribute, attributeName)) ?? "",
  }),
  getPinName: ({ id }: { readonly id: number }, { ids }) => ({ result: shortName(ids.pin.findName(id)) }),
  getPinId: ({ pinName }: { readonly pinName: string }, { ids }) => ({ result: idOfName(ids.pin, pinName) }),
  getPinIdName: ({ id }: { readonly id: number }, { ids }) => ({ result: ids.pin.findName(id) ?? "" }),
  getPinIdName1: ({ pinName }: { readonly pinName: string }, { ids }) => ({
    result: ids.pin.findName(idOfName(ids.pin, pinName)) ?? "",
  }),
  getTextureValueTypeName: ({ textureValueType }: { readonly textureValueType: number }, { ids }) => ({
    result: words(ids.textureValue.findName(textureValueType)?.replace("TEXTURE_VALUE_TYPE_", "T_")),
  }),
  getTextureValueTypeForOslType: ({ oslType }: { readonly oslType: string }, { ids }) => ({
    result: ids.textureValue.findNumber(oslTypes.get(oslType) ?? "") ?? 0,
  }),
};

/** The prefix up to the first underscore is the enum's own. */
function words(name: string | undefined): string {
  return name === undefined
    ? ""
    : name
        .replace(/^_?[A-Z]+_/, "")
        .toLowerCase()
        .replaceAll("_", " ");
}

function shortName(name: string | undefined): string {
  return name === undefined ? "" : pinNameOf(name.replace(/^A_/, "P_"));
}

function idOfName(space: IdSpace, name: string): number {
  return (
    space.findNumber(name) ?? space.numbers.find((number) => shortName(space.findName(number)) === name) ?? 0
  );
}
