import { EmptyState } from "../../ui/message.tsx";

export default function ViewportArea() {
  return <EmptyState title="Viewport" icon="viewport" />;
}
