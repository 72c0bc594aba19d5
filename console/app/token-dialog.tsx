import { useState } from "preact/hooks";
import { setToken, token } from "../api/proxy.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";

/** Asks for the token when the proxy refused a request without the right one. */
export function TokenDialog() {
  const [text, setText] = useState("");
  const wasRefused = token.value !== undefined;
  return (
    <Dialog title="This proxy needs its token">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text !== "") setToken(text);
        }}
      >
        <p class="dim">
          It was started with <code>--token</code> or <code>--token-file</code>. The token is kept in this tab
          only, until it closes.
        </p>
        <Field label="Token" error={wasRefused ? "the proxy did not accept the last one" : undefined}>
          {(ids) => (
            <input
              {...ids}
              class="input"
              type="password"
              autocomplete="off"
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="dialog-actions">
          <Button type="submit" look="primary" disabled={text === ""}>
            Unlock
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
