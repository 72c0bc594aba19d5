import { useEffect, useRef } from "preact/hooks";
import { SplitPane } from "../../ui/split-pane.tsx";
import { Inspector, redo, undo } from "./inspector.tsx";
import { shownValues } from "./inspector-entries.ts";
import { Outliner } from "./outliner.tsx";
import { Preview } from "./preview.tsx";
import { edits, inspected, selectedHandle, session } from "./scene-state.ts";
import { type SceneWatch, watchScene } from "./watch-scene.ts";
import "./scene.css";

/** The outline of the scene, the values of what is selected, and what comes of them. */
export default function SceneArea() {
  const watch = useRef<SceneWatch>(null);
  useEffect(() => {
    watch.current = watchScene({
      session,
      edits,
      shownValues: () => shownValues(inspected.peek()),
      selected: () => selectedHandle.peek(),
    });
    return () => watch.current?.stop();
  }, []);
  useEffect(() => {
    addEventListener("keydown", pressUndo);
    return () => removeEventListener("keydown", pressUndo);
  }, []);
  return (
    <div class="scene">
      <SplitPane
        name="scene-outline"
        label="Width of the outline"
        initialPx={280}
        first={<Outliner />}
        second={
          <SplitPane
            name="scene-inspector"
            label="Size of the inspector"
            initialPx={380}
            stackedPx={Math.round(innerHeight * 0.5)}
            first={<Inspector />}
            second={<Preview onEvent={(event) => watch.current?.onEvent(event)} />}
          />
        }
      />
    </div>
  );
}

/** Text that is being typed has an undo of its own. */
function pressUndo(event: KeyboardEvent): void {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const isText =
    event.target instanceof Element && event.target.matches("textarea, [type=text], [type=search]");
  const key = event.key.toLowerCase();
  if (isText || (key !== "z" && key !== "y")) return;
  event.preventDefault();
  if (key === "y" || event.shiftKey) redo();
  else undo();
}
