import { dolly, orbit, pan } from "./camera-pose.ts";
import type { CameraRig } from "./camera-rig.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Half a turn for a drag over the whole width. */
const orbitPerWidth = Math.PI;
const wheelPerPixel = 0.0015;
const keyTurn = Math.PI / 36;
const keyPan = 0.05;
const keyZoom = 0.9;

/**
 * Mouse: drag orbits, with Shift, the middle or the right button it pans, the wheel moves nearer. Touch: one finger
 * orbits, two pan and pinch. Keys: arrows orbit, with Shift they pan, + and - move, Home resets. Ends with the signal.
 */
export function followGestures(element: HTMLElement, rig: CameraRig, signal: AbortSignal): void {
  const pointers = new Map<number, Point>();
  const options = { signal };

  element.addEventListener(
    "pointerdown",
    (event) => {
      element.focus({ preventScroll: true });
      element.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, pointOf(event));
    },
    options,
  );
  element.addEventListener("pointermove", drag, options);
  for (const name of ["pointerup", "pointercancel"] as const) {
    element.addEventListener(name, ({ pointerId }) => pointers.delete(pointerId), options);
  }
  element.addEventListener("contextmenu", (event) => event.preventDefault(), options);
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const factor = Math.exp(event.deltaY * lines * wheelPerPixel);
      rig.move((pose) => dolly(pose, factor));
    },
    { signal, passive: false },
  );
  element.addEventListener("keydown", press, options);

  function drag(event: PointerEvent): void {
    const before = pointers.get(event.pointerId);
    if (before === undefined) return;
    const now = pointOf(event);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, now);
    const width = element.clientWidth || 1;
    const right = (now.x - before.x) / width;
    const down = (now.y - before.y) / width;
    if (other !== undefined) {
      const factor = distance(before, other) / Math.max(1, distance(now, other));
      // Each finger moves the middle between them by half its way.
      rig.move((pose) => dolly(pan(pose, -right / 2, down / 2), factor));
    } else if (event.shiftKey || (event.buttons & 6) !== 0) {
      rig.move((pose) => pan(pose, -right, down));
    } else {
      rig.move((pose) => orbit(pose, -right * orbitPerWidth, down * orbitPerWidth));
    }
  }

  function press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = arrows.get(event.key);
    if (arrow !== undefined) {
      const { x, y } = arrow;
      if (event.shiftKey) rig.move((pose) => pan(pose, x * keyPan, y * keyPan));
      else rig.move((pose) => orbit(pose, x * keyTurn, y * keyTurn));
    } else if (event.key === "+" || event.key === "=") rig.move((pose) => dolly(pose, keyZoom));
    else if (event.key === "-") rig.move((pose) => dolly(pose, 1 / keyZoom));
    else if (event.key === "Home") rig.reset();
    else return;
    event.preventDefault();
  }
}

const arrows: ReadonlyMap<string, Point> = new Map([
  ["ArrowLeft", { x: -1, y: 0 }],
  ["ArrowRight", { x: 1, y: 0 }],
  ["ArrowUp", { x: 0, y: 1 }],
  ["ArrowDown", { x: 0, y: -1 }],
]);

function pointOf({ clientX, clientY }: PointerEvent): Point {
  return { x: clientX, y: clientY };
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
