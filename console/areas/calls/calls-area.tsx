import { EmptyState } from "../../ui/message.tsx";

export default function CallsArea() {
  return <EmptyState title="Calls" icon="calls" />;
}
