import { EmptyState } from "../../ui/message.tsx";

export default function TrafficArea() {
  return <EmptyState title="Traffic" icon="traffic" />;
}
