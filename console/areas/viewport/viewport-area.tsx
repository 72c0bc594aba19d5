import { useEffect, useState } from "preact/hooks";
import { linkState } from "../../api/health.ts";
import { route, setQuery } from "../../app/route.ts";
import { notifyError } from "../../app/toasts.tsx";
import { LiveView, useCameraRig, useLivePicture } from "../../picture/live-view.tsx";
import { IconButton } from "../../ui/button.tsx";
import { NumberInput } from "../../ui/number-input.tsx";
import { openExposure } from "./exposure.ts";
import { PictureFacts } from "./picture-facts.tsx";
import { RenderControls } from "./render-controls.tsx";
import { RenderProgress } from "./render-progress.tsx";
import { savePicture } from "./save-picture.ts";
import "./viewport.css";

export default function ViewportArea() {
  const picture = useLivePicture();
  const rig = useCameraRig(picture);
  const isActualSize = route.value.query.size === "actual";
  const isAway = linkState.value !== "ready" || picture.isOld.value;
  picture.onRefusal = (message) => notifyError("The camera did not move", new Error(message));
  return (
    <div class="viewport">
      <div class="viewport-bar" role="toolbar" aria-label="Viewport">
        <RenderControls picture={picture} isDisabled={isAway} />
        <fieldset class="button-group" aria-label="View">
          <IconButton
            icon="fit"
            label="Fit into the window"
            isPressed={!isActualSize}
            onClick={() => setQuery({ size: undefined })}
          />
          <IconButton
            icon="actual"
            label="Actual size, 1:1"
            isPressed={isActualSize}
            onClick={() => setQuery({ size: "actual" })}
          />
          <IconButton
            icon="home"
            label="Camera to where it was"
            disabled={isAway}
            onClick={() => rig.reset()}
          />
        </fieldset>
        <ExposureControl isDisabled={isAway} />
        <IconButton
          icon="save"
          label="Save as PNG"
          disabled={picture.info.value === undefined}
          onClick={savePicture}
        />
      </div>
      <div class="viewport-view">
        <LiveView picture={picture} rig={rig} isActualSize={isActualSize} />
      </div>
      <aside class="viewport-facts" aria-label="About the picture">
        <PictureFacts picture={picture} />
        <section class="facts">
          <h3>Camera</h3>
          <dl class="keys">
            <dt>Orbit</dt>
            <dd>drag, arrow keys</dd>
            <dt>Pan</dt>
            <dd>Shift + drag, right button</dd>
            <dt>Zoom</dt>
            <dd>wheel, pinch, + and -</dd>
            <dt>Reset</dt>
            <dd>Home</dd>
          </dl>
        </section>
      </aside>
      <RenderProgress picture={picture} />
    </div>
  );
}

/** In stops of light, since equal steps look equal then; the number beside it is Octane's own factor. */
function ExposureControl({ isDisabled }: { readonly isDisabled: boolean }) {
  const [exposure] = useState(openExposure);
  useEffect(() => () => exposure.close(), [exposure]);
  const value = exposure.value.value;
  const isUnknown = isDisabled || value === undefined;
  return (
    <div class="exposure">
      <span aria-hidden="true">Exposure</span>
      <input
        class="slider"
        type="range"
        aria-label="Exposure"
        aria-valuetext={value === undefined ? "unknown" : `factor ${value.toPrecision(3)}`}
        min={-6}
        max={6}
        step={0.05}
        value={Math.log2(Math.max(value ?? 1, 1e-6))}
        disabled={isUnknown}
        onInput={(event) => exposure.set(Number((2 ** event.currentTarget.valueAsNumber).toPrecision(4)))}
      />
      <NumberInput
        label="Exposure, factor"
        value={value ?? 1}
        min={0.001}
        max={4096}
        step={0.01}
        isDisabled={isUnknown}
        onChange={(wanted) => exposure.set(wanted)}
      />
    </div>
  );
}
