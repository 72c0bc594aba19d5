import { client } from "../../api/proxy.ts";
import { notifyError } from "../../app/toasts.tsx";
import type { LivePicture, RenderState } from "../../picture/live-picture.ts";
import { IconButton } from "../../ui/button.tsx";

type Command = "continueRendering" | "pauseRendering" | "restartRendering" | "stopRendering";

async function command(method: Command): Promise<void> {
  try {
    await client.value.call("ApiRenderEngine", method);
  } catch (error) {
    notifyError("Octane did not do that", error);
  }
}

const running: readonly (RenderState | undefined)[] = ["rendering", "waiting"];

/** Start, pause, restart, stop. */
export function RenderControls({
  picture,
  isDisabled,
}: {
  readonly picture: LivePicture;
  readonly isDisabled: boolean;
}) {
  const state = picture.renderState.value;
  const isPaused = state === "paused";
  return (
    <fieldset class="button-group" aria-label="Render">
      {running.includes(state) ? (
        <IconButton
          icon="pause"
          label="Pause"
          disabled={isDisabled}
          onClick={() => command("pauseRendering")}
        />
      ) : (
        <IconButton
          icon="play"
          label={isPaused ? "Continue" : "Start"}
          disabled={isDisabled || state === "finished"}
          onClick={() => command(isPaused ? "continueRendering" : "restartRendering")}
        />
      )}
      <IconButton
        icon="restart"
        label="Restart"
        disabled={isDisabled}
        onClick={() => command("restartRendering")}
      />
      <IconButton
        icon="stop"
        label="Stop"
        disabled={isDisabled || state === "stopped"}
        onClick={() => command("stopRendering")}
      />
    </fieldset>
  );
}
