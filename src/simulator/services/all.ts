import { itemArrayService, nodeArrayService } from "./arrays.ts";
import { graphService } from "./graph.ts";
import type { ServiceTable } from "./handler.ts";
import { itemService } from "./item.ts";
import { liveLinkService } from "./live-link.ts";
import { nodeService } from "./node.ts";
import { pinInfoService } from "./pin-info.ts";
import { projectService } from "./project.ts";

/** Every service of the simulator but those of the renderer. */
export const serviceTables: readonly ServiceTable[] = [
  itemService,
  itemArrayService,
  nodeArrayService,
  nodeService,
  graphService,
  pinInfoService,
  liveLinkService,
  projectService,
];
