import type { ComponentChildren } from "preact";
import { Button, IconButton } from "../../ui/button.tsx";

const mostShown = 200;

/** Items of a list or entries of a map, each with its button to remove it, and one to add another. */
export function FormItems({
  names,
  addLabel,
  before,
  canAdd = true,
  onAdd,
  onRemove,
  renderItem,
}: {
  readonly names: readonly string[];
  readonly addLabel: string;
  readonly before?: ComponentChildren;
  readonly canAdd?: boolean;
  readonly onAdd: () => void;
  readonly onRemove: (index: number) => void;
  readonly renderItem: (index: number) => ComponentChildren;
}) {
  return (
    <>
      {names.slice(0, mostShown).map((name, index) => (
        <div key={name} class="calls-item">
          {renderItem(index)}
          <IconButton icon="close" label={`Remove ${name}`} onClick={() => onRemove(index)} />
        </div>
      ))}
      {names.length > mostShown && <p class="dim">{names.length - mostShown} more are in the JSON.</p>}
      <div class="calls-add">
        {before}
        <Button icon="plus" disabled={!canAdd} aria-label={addLabel} onClick={onAdd}>
          Add
        </Button>
      </div>
    </>
  );
}
