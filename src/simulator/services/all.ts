import { changeService, cloudService, controlService, logService, outlinerService } from "./application.ts";
import { itemArrayService, nodeArrayService } from "./arrays.ts";
import {
  localDbCategoryService,
  localDbPackageService,
  localDbService,
  materialDbCategoryArrayService,
  materialDbMaterialArrayService,
  materialDbService,
} from "./databases.ts";
import { graphService } from "./graph.ts";
import type { ServiceTable } from "./handler.ts";
import { infoService } from "./info.ts";
import { itemService } from "./item.ts";
import { liveLinkService } from "./live-link.ts";
import { nodeService } from "./node.ts";
import { pinInfoService } from "./pin-info.ts";
import { projectService } from "./project.ts";
import { rootGraphService } from "./root-graph.ts";
import { selectionService } from "./selection.ts";

/** Every service of the simulator but those of the renderer. */
export const serviceTables: readonly ServiceTable[] = [
  itemService,
  itemArrayService,
  nodeArrayService,
  nodeService,
  graphService,
  rootGraphService,
  pinInfoService,
  liveLinkService,
  projectService,
  changeService,
  selectionService,
  infoService,
  controlService,
  outlinerService,
  logService,
  cloudService,
  localDbService,
  localDbCategoryService,
  localDbPackageService,
  materialDbService,
  materialDbCategoryArrayService,
  materialDbMaterialArrayService,
];
