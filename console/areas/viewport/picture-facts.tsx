import type { ComponentChildren } from "preact";
import type { LivePicture } from "../../picture/live-picture.ts";
import { formatBytes, formatDuration, formatSamples } from "../../quantity/format-quantity.ts";

const none = "–";

/** What is known about the newest picture and its way here. */
export function PictureFacts({ picture }: { readonly picture: LivePicture }) {
  const info = picture.info.value;
  return (
    <>
      <Facts title="Render">
        <Fact name="Resolution">{info ? `${info.width} × ${info.height}` : none}</Fact>
        <Fact name="Samples">
          {info ? `${formatSamples(info.samples)} / ${formatSamples(info.maxSamples)}` : none}
        </Fact>
        <Fact name="Render time">{info ? formatDuration(info.renderTimeSeconds) : none}</Fact>
      </Facts>
      <Facts title="Stream">
        <Fact name="Frame rate">{picture.framesPerSecond.value.toFixed(1)} fps</Fact>
        <Fact name="Latency">
          {info?.latencyMs === undefined ? none : `${Math.round(info.latencyMs)} ms`}
        </Fact>
        <Fact name="Dropped">{picture.droppedFrames.value}</Fact>
        <Fact name="Sent as">{info ? `${info.format.toUpperCase()}, ${info.sentWidth} px` : none}</Fact>
        <Fact name="Size">{info ? formatBytes(info.sentBytes) : none}</Fact>
        <Fact name="Quality">{info ? info.phase : none}</Fact>
      </Facts>
    </>
  );
}

function Facts({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class="facts">
      <h3>{title}</h3>
      <dl>{children}</dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
