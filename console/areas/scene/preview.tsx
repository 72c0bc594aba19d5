import type { FrameEvent } from "../../../src/client/frames.ts";
import { notifyError } from "../../app/toasts.tsx";
import { LiveView, useCameraRig, useLivePicture } from "../../picture/live-view.tsx";

/** The render beside the values that change it. */
export function Preview({ onEvent }: { readonly onEvent: (event: FrameEvent) => void }) {
  const picture = useLivePicture();
  const rig = useCameraRig(picture);
  const info = picture.info.value;
  picture.onEvent = onEvent;
  picture.onRefusal = (message) => notifyError("The camera did not move", new Error(message));
  return (
    <section class="panel" aria-label="Preview">
      <div class="panel-header">
        <h2>Preview</h2>
        {info !== undefined && (
          <span class="dim">
            {Math.floor(info.samples)} / {Math.floor(info.maxSamples)} samples
          </span>
        )}
      </div>
      <div class="panel-body scene-picture">
        <LiveView picture={picture} rig={rig} />
      </div>
    </section>
  );
}
