import type { LivePicture, RenderState } from "../../picture/live-picture.ts";
import { formatDuration, formatSamples } from "../../quantity/format-quantity.ts";

const stateText: Record<RenderState, string> = {
  stopped: "Stopped",
  waiting: "Waiting for data",
  rendering: "Rendering",
  paused: "Paused",
  finished: "Finished",
};

/** Samples so far of those wanted, and how long the rest takes. */
export function RenderProgress({ picture }: { readonly picture: LivePicture }) {
  const { samples = 0, maxSamples = 0 } = picture.info.value ?? {};
  const state = picture.renderState.value;
  const left = picture.secondsLeft.value;
  const isOld = picture.isOld.value;
  return (
    <div class="render-progress">
      <span class="render-progress-state">
        {isOld || state === undefined ? "No connection" : stateText[state]}
      </span>
      <progress aria-label="Samples" max={maxSamples || 1} value={samples} />
      <span>
        {maxSamples > 0 && `${formatSamples(samples)} / ${formatSamples(maxSamples)} samples`}
        {left !== undefined && !isOld && <span class="dim"> · {formatDuration(left)} left</span>}
      </span>
    </div>
  );
}
