import type { Value, ValueTypeName } from "../value-types.ts";

/** One component of a number: what it may be and how a slider moves it. */
export interface Dimension {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** What a pin accepts and how clients show it; decides the pin info and the initial value of its default node. */
export type Control =
  | { readonly kind: "bool"; readonly initial: boolean }
  | {
      readonly kind: "float" | "int";
      readonly initial: readonly number[];
      readonly dimensions: readonly Dimension[];
      readonly isColor: boolean;
    }
  | {
      readonly kind: "enum";
      readonly initial: number;
      readonly choices: readonly { readonly value: number; readonly label: string }[];
    }
  | {
      readonly kind: "texture";
      readonly initial: readonly number[];
      readonly min: number;
      readonly max: number;
      readonly spectrum: boolean;
    }
  | { readonly kind: "bitMask"; readonly initial: number; readonly labels: readonly string[] }
  | { readonly kind: "string"; readonly initial: string }
  | { readonly kind: "transform"; readonly dimensions: number }
  /** Takes a node that has pins of its own. */
  | { readonly kind: "node" };

/** Names are those of the contract's enums; numbers are looked up per generation. */
export interface PinSpec {
  /** `P_FOV`; `P_UNKNOWN` for pins that only have a name. */
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly group: string;
  /** `PT_FLOAT` */
  readonly type: string;
  /** Node that is created behind the pin; undefined leaves it unconnected. */
  readonly defaultNode: string | undefined;
  readonly control: Control;
}

export interface AttributeSpec {
  /** `A_VALUE` */
  readonly id: string;
  readonly type: ValueTypeName;
  readonly isArray: boolean;
  readonly description: string;
  readonly initial: Value;
}

export interface NodeTypeSpec {
  /** `NT_CAM_THINLENS` */
  readonly type: string;
  readonly outType: string;
  readonly defaultName: string;
  readonly category: string;
  readonly description: string;
  readonly pins: readonly PinSpec[];
  readonly attributes: readonly AttributeSpec[];
  /** Pins that come and go with an int attribute, as many as its value. */
  readonly counted?: { readonly attribute: string; readonly pin: PinSpec };
}
