import { EmptyState } from "../../ui/message.tsx";

export default function SceneArea() {
  return <EmptyState title="Scene" icon="scene" />;
}
