import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { health, linkState } from "../api/health.ts";
import { notifyError } from "../app/toasts.tsx";
import { EmptyState, LoadingState } from "../ui/message.tsx";
import { followGestures } from "./camera-gestures.ts";
import { type CameraRig, createCameraRig } from "./camera-rig.ts";
import { type LivePicture, openLivePicture } from "./live-picture.ts";
import "./live-view.css";

/** A live picture for as long as the component is mounted. */
export function useLivePicture(): LivePicture {
  const [picture] = useState(openLivePicture);
  useEffect(() => () => picture.close(), [picture]);
  return picture;
}

/** The camera of a live picture, for as long as the component is mounted. */
export function useCameraRig(picture: LivePicture): CameraRig {
  const [rig] = useState(() =>
    createCameraRig(picture, (error) => notifyError("The camera did not move", error)),
  );
  useEffect(() => () => rig.close(), [rig]);
  return rig;
}

export interface LiveViewProps {
  readonly picture: LivePicture;
  /** Without one the picture is only shown. */
  readonly rig?: CameraRig | undefined;
  /** Fitted into the room there is (the default), or each of its pixels as one of the screen. */
  readonly isActualSize?: boolean | undefined;
}

/** What Octane renders; fills its container. Octane away: the last picture stays, marked old. */
export function LiveView({ picture, rig, isActualSize = false }: LiveViewProps) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { value: info } = picture.info;
  const isOld = picture.isOld.value;

  useEffect(() => {
    picture.attach(canvas.current);
    return () => picture.attach(null);
  }, [picture]);

  useEffect(() => {
    if (frame.current === null || rig === undefined) return;
    const gestures = new AbortController();
    followGestures(frame.current, rig, gestures.signal);
    return () => gestures.abort();
  }, [rig]);

  useWantedWidth(frame, picture, isActualSize);
  useSignalEffect(() => fitCanvas(canvas.current, picture, isActualSize));

  return (
    <div
      ref={frame}
      class={`live-view ${isActualSize ? "is-actual" : "is-fitted"}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys move the camera
      tabIndex={0}
      role="application"
      aria-roledescription="render view"
      aria-label={
        rig === undefined
          ? "Live picture"
          : "Live picture. Arrow keys orbit, with Shift they pan, plus and minus move nearer and away, Home resets."
      }
      data-state={info === undefined ? "empty" : isOld ? "old" : "live"}
    >
      <canvas ref={canvas} width={1} height={1} hidden={info === undefined} />
      {info === undefined && <NoPicture picture={picture} />}
      {info !== undefined && isOld && (
        <div class="live-view-note" role="status">
          <strong>{linkState.value === "no-proxy" ? "The proxy does not answer" : "Octane is away"}</strong>
          <span>Last picture of {info.receivedAt.toLocaleTimeString()}. It goes on by itself.</span>
        </div>
      )}
      {info !== undefined && !isOld && picture.problem.value !== undefined && (
        <div class="live-view-note" role="status">
          <strong>No newer picture</strong>
          <span>{picture.problem.value}</span>
        </div>
      )}
    </div>
  );
}

function NoPicture({ picture }: { readonly picture: LivePicture }) {
  const problem = picture.problem.value;
  switch (linkState.value) {
    case "no-proxy":
      return (
        <EmptyState title="The proxy does not answer" icon="warning">
          <p>Is octane-proxy still running? This page goes on by itself when it is back.</p>
        </EmptyState>
      );
    case "no-octane":
      return (
        <EmptyState title="Octane is away" icon="warning">
          <p>
            Nothing answers at {health.value?.octane}. See that Octane runs, that Help → LiveLink is on, that
            the port is right and that no firewall is in between. The picture comes by itself then.
          </p>
        </EmptyState>
      );
    default:
      return problem === undefined ? (
        <LoadingState label="Waiting for the first picture" />
      ) : (
        <EmptyState title="There is no picture" icon="warning">
          <p>{problem}</p>
        </EmptyState>
      );
  }
}

const widthStepPx = 160;

/** Tells the proxy how many pixels can be seen, in steps so that dragging a divider does not ask for each of them. */
function useWantedWidth(
  frame: { readonly current: HTMLElement | null },
  picture: LivePicture,
  isActualSize: boolean,
): void {
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = () => {
      const widthPx = Math.ceil((element.clientWidth * devicePixelRatio) / widthStepPx) * widthStepPx;
      picture.setWidth(isActualSize || widthPx === 0 ? undefined : widthPx);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [frame, picture, isActualSize]);
}

/** The size on the screen is that of the render, whatever size was sent. */
function fitCanvas(canvas: HTMLCanvasElement | null, picture: LivePicture, isActualSize: boolean): void {
  const info = picture.info.value;
  if (canvas === null || info === undefined) return;
  canvas.style.aspectRatio = `${info.width} / ${info.height}`;
  canvas.style.width = isActualSize ? `${info.width / devicePixelRatio}px` : "";
}
