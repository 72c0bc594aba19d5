import { EmptyState } from "../../ui/message.tsx";

export default function StatusArea() {
  return <EmptyState title="Status" icon="status" />;
}
