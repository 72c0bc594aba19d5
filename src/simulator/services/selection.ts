import type { ServiceTable, UnaryHandler } from "./handler.ts";
import { type Ref, refTo } from "./request.ts";
import { findPinIndex, type PinKey, pinIndex } from "./select.ts";

type OnItem = { readonly item: Ref };
type PinRef = { readonly node: Ref; readonly pinIndex: number };

const isPinSelected: UnaryHandler = (
  { node: ref, ...key }: PinKey & { readonly node: Ref },
  { scene, selection },
) => {
  const node = scene.node(ref);
  const index = findPinIndex(node, key);
  return { result: selection.pins.some((pin) => pin.node === node && pin.pinIx === index) };
};

/** What is selected in the application's windows. */
export const selectionService: ServiceTable = {
  service: "octaneapi.ApiSelectionManagerService",
  unary: {
    isItemSelected: ({ item }: OnItem, { scene, selection }) => ({
      result: selection.items.includes(scene.item(item)),
    }),
    isPinSelected: isPinSelected,
    isPinSelected1: isPinSelected,
    isPinSelectedIx: isPinSelected,
    selectedItemCount: (_, { selection }) => ({ result: selection.items.length }),
    selectedPinCount: (_, { selection }) => ({ result: selection.pins.length }),
    getSelection: (_, { selection }) => ({ selectedItems: { data: selection.items.map(refTo) } }),
    getSelection1: (_, { selection }) => ({
      selectedPins: {
        data: selection.pins.map(({ node, pinIx }) => ({ node: refTo(node), pinIndex: pinIx })),
      },
    }),
    clearSelection(_, { selection }) {
      selection.clear();
      return {};
    },
    setSelection(
      request: {
        readonly selectedItems?: { readonly data: readonly Ref[] };
        readonly selectedPins?: { readonly data: readonly PinRef[] };
      },
      { scene, selection },
    ) {
      const items = (request.selectedItems?.data ?? []).map((ref) => scene.item(ref));
      const pins = (request.selectedPins?.data ?? []).map((pin) => {
        const node = scene.node(pin.node);
        return { node, pinIx: pinIndex(node, { index: pin.pinIndex }) };
      });
      selection.clear();
      for (const item of items) selection.select(item);
      for (const { node, pinIx } of pins) selection.selectPin(node, pinIx);
      return {};
    },
    select({ item }: OnItem, { scene, selection }) {
      selection.select(scene.item(item));
      return {};
    },
    deselect({ item }: OnItem, { scene, selection }) {
      selection.deselect(scene.item(item));
      return {};
    },
    swapSelection(
      { oldItem, newItem }: { readonly oldItem: Ref; readonly newItem: Ref },
      { scene, selection },
    ) {
      const [before, after] = [scene.item(oldItem), scene.item(newItem)];
      if (!selection.items.includes(before)) return {};
      selection.deselect(before);
      selection.select(after);
      return {};
    },
    addSelectionObserver: (_, context) => ({ callbackId: context.nextCallbackId() }),
    removeSelectionObserver: () => ({}),
  },
};
