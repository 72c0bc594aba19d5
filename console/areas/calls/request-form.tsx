import { createContext, Fragment } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import { Button, IconButton } from "../../ui/button.tsx";
import { initialValue, problemOf } from "./entered-value.ts";
import { type FieldPath, formatPath, leadsTo, setAt, setField } from "./field-path.ts";
import { FormItems } from "./form-items.tsx";
import type { Field, MessageShape, Shape } from "./form-schema.ts";
import type { JsonObject } from "./json-text.ts";
import { ReferencePicker } from "./reference-picker.tsx";
import { isInline, ValueControl } from "./value-control.tsx";

export interface RequestFormProps {
  readonly shape: MessageShape;
  readonly value: JsonObject;
  /** Of the last reply: what the proxy did not take. */
  readonly errorField: string | undefined;
  readonly errorMessage: string | undefined;
  readonly onChange: (value: JsonObject) => void;
}

interface Failure {
  readonly field: string | undefined;
  readonly message: string | undefined;
}

const FailureContext = createContext<Failure>({ field: undefined, message: undefined });

/** A message as a form. Fields that are not set are not sent. */
export function RequestForm({ shape, value, errorField, errorMessage, onChange }: RequestFormProps) {
  const unknown = Object.keys(value).filter((key) => !shape.fields().some(({ name }) => name === key));
  return (
    <FailureContext.Provider value={{ field: errorField, message: errorMessage }}>
      <MessageFields shape={shape} value={value} path={[]} onChange={onChange} />
      {shape.fields().length === 0 && <p class="dim calls-loading">This request has no fields.</p>}
      {unknown.length > 0 && (
        <p class="dim calls-loading">Only in the JSON: {unknown.map((name) => `“${name}”`).join(", ")}.</p>
      )}
    </FailureContext.Provider>
  );
}

function MessageFields({
  shape,
  value,
  path,
  onChange,
}: {
  readonly shape: MessageShape;
  readonly value: JsonObject;
  readonly path: FieldPath;
  readonly onChange: (value: JsonObject) => void;
}) {
  const fields = shape.fields();
  return (
    <>
      {fields.map((field, index) => (
        <Fragment key={field.name}>
          {isFirstOfSeveral(fields, index) && <p class="calls-oneof dim">{field.oneof}: one of</p>}
          <FieldRow
            field={field}
            isOfOneof={isShared(fields, field.oneof)}
            value={value[field.name]}
            path={[...path, field.name]}
            onChange={(next) => onChange(setField(value, field, next, fields))}
          />
        </Fragment>
      ))}
    </>
  );
}

/** Whether the field begins a oneof; one that has it for itself is as any other. */
function isFirstOfSeveral(fields: readonly Field[], index: number): boolean {
  const oneof = fields[index]?.oneof;
  return oneof !== undefined && oneof !== fields[index - 1]?.oneof && isShared(fields, oneof);
}

function isShared(fields: readonly Field[], oneof: string | undefined): boolean {
  return oneof !== undefined && fields.filter((field) => field.oneof === oneof).length > 1;
}

function FieldRow({
  field: { name, shape, description },
  isOfOneof,
  ...rest
}: {
  readonly field: Field;
  readonly isOfOneof: boolean;
  readonly value: unknown;
  readonly path: FieldPath;
  readonly onChange: (value: unknown) => void;
}) {
  return (
    <div class={`calls-field ${isOfOneof ? "is-of-oneof" : ""}`}>
      <ValueRow label={name} shape={shape} description={description} canUnset {...rest} />
    </div>
  );
}

interface ValueRowProps {
  readonly label: string;
  readonly shape: Shape;
  readonly value: unknown;
  readonly path: FieldPath;
  readonly description?: string | undefined;
  /** A field may be absent; items and entries are removed by their own button. */
  readonly canUnset?: boolean;
  readonly onChange: (value: unknown) => void;
}

function ValueRow(props: ValueRowProps) {
  return isInline(props.shape) ? <InlineRow {...props} /> : <NestedRow {...props} />;
}

function InlineRow({ label, shape, value, path, description, onChange }: ValueRowProps) {
  const id = useId();
  const failure = useContext(FailureContext);
  const refused = failure.field === formatPath(path) ? failure.message : undefined;
  const problem = problemOf(shape, value) ?? refused;
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (refused !== undefined) row.current?.scrollIntoView({ block: "nearest" });
  }, [refused]);
  return (
    <div ref={row} class="calls-row">
      <label class="calls-label" for={id} title={description}>
        {label}
      </label>
      <ValueControl
        id={id}
        shape={shape}
        value={value}
        onChange={onChange}
        noteId={problem === undefined ? undefined : `${id}-note`}
      />
      {problem !== undefined && (
        <p id={`${id}-note`} class="field-error calls-problem">
          {problem}
        </p>
      )}
    </div>
  );
}

function NestedRow({ label, shape, value, path, description, canUnset = false, onChange }: ValueRowProps) {
  const id = useId();
  const failure = useContext(FailureContext);
  const holdsFailure = leadsTo(path, failure.field);
  const [isFolded, setFolded] = useState(false);
  const isSet = value !== undefined && value !== null;
  const isOpen = isSet && (!isFolded || holdsFailure);
  const problem =
    problemOf(shape, value) ?? (failure.field === formatPath(path) ? failure.message : undefined);
  const isReference = shape.kind === "message" && shape.isReference;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand in a row with buttons
    <div class={`calls-nested ${holdsFailure ? "is-refused" : ""}`} role="group" aria-labelledby={id}>
      <div class="calls-nested-head">
        <span id={id} class="calls-label" title={description}>
          {label}
        </span>
        <span class="calls-type dim">{describeShape(shape, value)}</span>
        {isReference && <ReferencePicker label={label} value={value} shape={shape} onChange={onChange} />}
        {isSet && !isReference && (
          <IconButton
            icon="chevron"
            label={`${isOpen ? "Fold" : "Unfold"} ${label}`}
            aria-expanded={isOpen}
            onClick={() => setFolded(isOpen)}
          />
        )}
        {canUnset && (
          <Button
            look="plain"
            aria-label={`${isSet ? "Leave out" : "Set"} ${label}`}
            onClick={() => onChange(isSet ? undefined : initialValue(shape))}
          >
            {isSet ? "Leave out" : "Set"}
          </Button>
        )}
      </div>
      {problem !== undefined && <p class="field-error calls-problem">{problem}</p>}
      {isOpen && (
        <div class="calls-nested-body">
          <Inside label={label} shape={shape} value={value} path={path} onChange={onChange} />
        </div>
      )}
    </div>
  );
}

function Inside({
  label,
  shape,
  value,
  path,
  onChange,
}: Pick<ValueRowProps, "label" | "shape" | "value" | "path" | "onChange">) {
  if (shape.kind === "list") {
    const items = Array.isArray(value) ? value : [];
    return (
      <FormItems
        names={items.map((_, index) => `${label}[${index}]`)}
        addLabel={`Add to ${label}`}
        onAdd={() => onChange([...items, initialValue(shape.item)])}
        onRemove={(index) => onChange(items.filter((_, at) => at !== index))}
        renderItem={(index) => (
          <ValueRow
            label={String(index)}
            shape={shape.item}
            value={items[index]}
            path={[...path, index]}
            onChange={(next) =>
              onChange(items.map((item, at) => (at === index ? (next ?? initialValue(shape.item)) : item)))
            }
          />
        )}
      />
    );
  }
  const object = (typeof value === "object" && !Array.isArray(value) ? value : {}) as JsonObject;
  if (shape.kind === "map") {
    return <Entries label={label} shape={shape} value={object} path={path} onChange={onChange} />;
  }
  if (shape.kind !== "message") return null;
  return <MessageFields shape={shape} value={object} path={path} onChange={onChange} />;
}

function Entries({
  label,
  shape,
  value,
  path,
  onChange,
}: {
  readonly label: string;
  readonly shape: Shape & { readonly kind: "map" };
  readonly value: JsonObject;
  readonly path: FieldPath;
  readonly onChange: (value: JsonObject) => void;
}) {
  const [newKey, setNewKey] = useState("");
  const keys = Object.keys(value);
  const fits = shape.keyPattern === undefined || new RegExp(shape.keyPattern).test(newKey);
  return (
    <FormItems
      names={keys.map((key) => `${label}[${key}]`)}
      addLabel={`Add to ${label}`}
      before={
        <input
          class="input"
          aria-label={`New key of ${label}`}
          placeholder="key"
          aria-invalid={newKey !== "" && !fits}
          value={newKey}
          onInput={(event) => setNewKey(event.currentTarget.value)}
        />
      }
      canAdd={fits && (newKey !== "" || shape.keyPattern === undefined) && !Object.hasOwn(value, newKey)}
      onAdd={() => {
        onChange(setAt(value, [{ key: newKey }], initialValue(shape.value)));
        setNewKey("");
      }}
      onRemove={(index) => onChange(setAt(value, [{ key: keys[index] ?? "" }], undefined))}
      renderItem={(index) => {
        const key = keys[index] ?? "";
        return (
          <ValueRow
            label={key}
            shape={shape.value}
            value={value[key]}
            path={[...path, { key }]}
            onChange={(next) => onChange(setAt(value, [{ key }], next ?? initialValue(shape.value)))}
          />
        );
      }}
    />
  );
}

function describeShape(shape: Shape, value: unknown): string {
  const count = typeof value === "object" && value !== null ? Object.keys(value).length : 0;
  switch (shape.kind) {
    case "list":
      return count === 1 ? "1 item" : `${count} items`;
    case "map":
      return count === 1 ? "1 entry" : `${count} entries`;
    case "message":
      return shape.name.slice(shape.name.lastIndexOf(".") + 1);
    default:
      return shape.kind;
  }
}
