/** One entry of what `--safe` denies. */
export interface DangerousMethods {
  /** Pattern as `--deny-method` takes it. */
  readonly pattern: string;
  readonly reason: string;
}

/**
 * What `--safe` denies: methods that reach beyond the open scene, to files that the caller names, to code, to the
 * cloud, or to Octane's own life. Patterns for services that the built-in contract has not (modules, Lua) are for users'
 * own contracts.
 *
 * Not in it, because every client needs it and it stays inside Octane: editing, `destroy` and `resetProject` (unsaved work
 * is lost, as with any editing), `saveProject` (only where the user has put the project already), `downloadMaterial` and
 * `loadPackage` (from Octane's own libraries, by number), windows that open. Paths in attributes stay possible: a texture
 * node reads the image file that it is given; who must be kept from that needs `--read-only`.
 */
export const dangerousMethods: readonly DangerousMethods[] = [
  { pattern: "LiveLink/GetFile", reason: "hands out any file of the machine" },
  { pattern: "ApiControl/closeOctane", reason: "ends Octane" },
  { pattern: "ApiControl/setApiLogFilePath", reason: "writes a file where the caller says" },
  { pattern: "ApiControl/startBlockingOperation", reason: "keeps Octane from answering others" },
  {
    pattern: "ApiProjectManager/loadProject",
    reason: "opens a file of the caller's choice, scripts included",
  },
  { pattern: "ApiProjectManager/saveProjectAs*", reason: "writes a file where the caller says" },
  { pattern: "ApiProjectManager/unpackPackage", reason: "writes files where the caller says" },
  { pattern: "ApiRootNodeGraph/importFromFile", reason: "opens a file of the caller's choice" },
  { pattern: "ApiRootNodeGraph/import*From*", reason: "brings in a scene with files and scripts of its own" },
  { pattern: "ApiRootNodeGraph/exportToFile", reason: "writes a file where the caller says" },
  { pattern: "ApiRootNodeGraph/exportToString", reason: "takes a directory that it may write to" },
  { pattern: "ApiItem/switchToFileData", reason: "writes files where the caller says" },
  { pattern: "ApiItem/dumpAttributes", reason: "writes files where the caller says" },
  { pattern: "ApiNode/unpackFileData", reason: "writes a file where the caller says" },
  { pattern: "ApiRenderEngine/saveImage*", reason: "writes a file where the caller says" },
  { pattern: "ApiRenderEngine/saveRenderPasses*", reason: "writes files where the caller says" },
  { pattern: "ApiRenderEngine/saveDeepImage*", reason: "writes a file where the caller says" },
  { pattern: "ApiRenderEngine/saveRenderState", reason: "writes a file where the caller says" },
  { pattern: "ApiRenderEngine/loadRenderState", reason: "opens a file of the caller's choice" },
  { pattern: "ApiRenderEngine/saveRenderDeviceConfig", reason: "changes Octane's settings on disk" },
  { pattern: "ApiRenderCloudManager/uploadCurrentProject", reason: "sends the project to another company" },
  { pattern: "ApiRenderCloudManager/newRenderTask", reason: "spends the user's cloud credit" },
  { pattern: "*Module*/*", reason: "loads and runs code" },
  { pattern: "*Lua*/*", reason: "runs code" },
  { pattern: "*Script*/*", reason: "runs code" },
];
