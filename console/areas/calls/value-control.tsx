import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { notifyError } from "../../app/toasts.tsx";
import { IconButton } from "../../ui/button.tsx";
import { Select } from "../../ui/select.tsx";
import { problemOf, readEntered, showEntered } from "./entered-value.ts";
import type { Shape } from "./form-schema.ts";

export interface ValueControlProps {
  readonly id: string;
  readonly shape: Shape;
  readonly value: unknown;
  /** Undefined leaves the field out. */
  readonly onChange: (value: unknown) => void;
  /** Of the note that says what is wrong. */
  readonly noteId: string | undefined;
}

/** More names than these are searched by typing. */
const mostChoices = 30;
const maxFileBytes = 16 * 1024 * 1024;
const unset = "";

/** Whether a value takes one row. */
export function isInline({ kind }: Shape): boolean {
  return kind !== "message" && kind !== "list" && kind !== "map";
}

/** The control for a value of one row. */
export function ValueControl(props: ValueControlProps) {
  const { shape } = props;
  switch (shape.kind) {
    case "bool":
      return <ChoiceControl {...props} names={["true", "false"]} />;
    case "enum":
      return shape.names.length <= mostChoices ? (
        <ChoiceControl {...props} names={shape.names} />
      ) : (
        <TextControl {...props} names={shape.names} />
      );
    case "bytes":
      return (
        <div class="calls-bytes">
          <TextControl {...props} />
          <FileButton onChange={props.onChange} />
        </div>
      );
    default:
      return <TextControl {...props} />;
  }
}

function ChoiceControl({
  id,
  shape,
  value,
  onChange,
  noteId,
  names,
}: ValueControlProps & { readonly names: readonly string[] }) {
  const shown = showEntered(shape, value);
  const isListed = shown === unset || names.includes(shown);
  return (
    <Select
      id={id}
      value={shown}
      aria-describedby={noteId}
      aria-invalid={noteId !== undefined}
      choices={[
        { value: unset, label: "not set" },
        // A number, which requests may have in place of a name.
        ...(isListed ? [] : [{ value: shown, label: shown }]),
        ...names.map((name) => ({ value: name, label: name })),
      ]}
      onChange={(text) => {
        if (text === unset) onChange(undefined);
        else onChange(shape.kind === "bool" ? text === "true" : text);
      }}
    />
  );
}

function TextControl({
  id,
  shape,
  value,
  onChange,
  noteId,
  names = [],
}: ValueControlProps & { readonly names?: readonly string[] }) {
  const listId = useId();
  const [text, setText] = useState(showEntered(shape, value));
  useLayoutEffect(() => {
    // "1." is typed on the way to "1.5": the text stays while it means the value.
    if (JSON.stringify(readEntered(shape, text)) !== JSON.stringify(value))
      setText(showEntered(shape, value));
  }, [value]);
  return (
    <>
      <input
        id={id}
        class={`input ${shape.kind === "text" || shape.kind === "enum" ? "" : "mono"}`}
        type="text"
        inputMode={shape.kind === "float" ? "decimal" : shape.kind === "integer" ? "numeric" : undefined}
        list={names.length > 0 ? listId : undefined}
        placeholder={placeholders[shape.kind] ?? "not set"}
        autocomplete="off"
        spellcheck={false}
        value={text}
        aria-describedby={noteId}
        aria-invalid={noteId !== undefined || problemOf(shape, value) !== undefined}
        onInput={(event) => {
          setText(event.currentTarget.value);
          onChange(readEntered(shape, event.currentTarget.value));
        }}
      />
      {names.length > 0 && (
        <datalist id={listId}>
          {names.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
    </>
  );
}

const placeholders: Partial<Record<Shape["kind"], string>> = {
  enum: "not set; type to search",
  bytes: "not set; base64",
  json: "not set; JSON",
};

function FileButton({ onChange }: Pick<ValueControlProps, "onChange">) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file === undefined) return;
          readBase64(file).then(onChange, (error: unknown) => notifyError("The file was not taken", error));
        }}
      />
      <IconButton
        icon="save"
        label="Take a file's bytes"
        onClick={() => {
          input.current?.click();
        }}
      />
    </>
  );
}

async function readBase64(file: File): Promise<string> {
  if (file.size > maxFileBytes) throw new Error(`expected at most 16 MiB, got ${file.size} bytes`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}
