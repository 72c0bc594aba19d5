/**
 * Whether a method stands in the reviewed table of those that change nothing: neither the scene, nor the engine,
 * nor files, nor Octane's windows and selection, nor what other clients have registered or locked.
 */
export function isReviewedRead(service: string, method: string): boolean {
  return reads.get(service)?.has(method) ?? false;
}

/** The whole table, for tests and for lists: full service name to method names, both generations together. */
export function reviewedReads(): ReadonlyMap<string, ReadonlySet<string>> {
  return reads;
}

/*
 * What looks like a read and is not in the table:
 * - grabRenderResult, releaseRenderResult: lock and free the one result buffer
 * - synchronousTonemap…, previewMaterial…: make the devices work and leave buffers to be freed
 * - buildLinkerNodePinInfo, buildDestinationPinInfo: make an object that somebody has to delete
 * - collectItemTree: appends to the array that it is given
 * - asyncTonemapRenderPasses: returns nothing, whatever it does
 * - exportToString: takes a directory and may touch it
 * - modifyCryptomatteMatteSelection: its name says otherwise, and nobody has tried it
 * - observe…, add…Observer, set…Callback, register…: change what Octane reports to everybody
 * - LiveLink GetFile: changes nothing, but hands out any file of the machine that it is asked for
 */
const reads: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    "livelinkapi.LiveLinkService": "GetCamera GetMeshes GetMesh",

    "octaneapi.ApiControlService": "getWebRTCStatus",

    "octaneapi.ApiDBMaterialManagerService": "getCategories getMaterials getMaterialPreview",
    "octaneapi.ApiDBMaterialManager_DBCategoryArrayService": "getCategory getCount",
    "octaneapi.ApiDBMaterialManager_DBMaterialArrayService": "getCount1 getMaterial",

    "octaneapi.ApiInfoService": `
      octaneVersion octaneName isDemoVersion isSubscriptionVersion tierIdx osVersionInfo driverVersionInfo cpuInfo
      texCacheFolder getAttributeTypes getPinTypes getGraphTypes getNodeTypes nodeInfo graphInfo nodeIconImage
      graphIconImage attributeInfo attributeInfo1 attributeInfo2 nodePinInfo getAttributeTypeName getPinTypeName
      getPinTypeColor getGraphTypeName getNodeTypeName getItemTypeName getAttributeName getAttributeId
      getAttributeIdName getAttributeIdName1 getPinName getPinId getPinIdName getPinIdName1 getTextureValueTypeName
      getTextureValueTypeForOslType getCompatibleTypes renderPassInfo getAllRenderPassIds
      getRenderPassIdFromRenderAovNode getRenderAovInfoFromRenderAovNode renderPassName renderPassShortName
      renderPassIdToPinId renderPassGroupName pinIdToRenderPassId findPinIdForRenderPassId findRenderPassIdForPinId`,

    "octaneapi.ApiItemArrayService": "size get items begin1 end1",
    "octaneapi.ApiNodeArrayService": "size1 get1 items1 begin11 end11",

    "octaneapi.ApiItemService": `
      name position uiOperationFlags time outType persistentId uniqueId version
      isGraph isNode isLinker isInputLinker isOutputLinker toGraph toNode toGraph1 toNode1
      hasOwner graphOwned pinOwned graphOwner pinOwner rootGraph rootGraph1
      attrCount hasAttr hasAttr1 findAttr findAttr1 attrId attrIdIx attrName attrNameIx attrType attrType1 attrTypeIx
      attrInfo attrInfo1 attrInfoIx attrAreDirty isDirtyAttr isDirtyAttr1 isDirtyAttrIx
      isAnimated isAnimated1 isAnimatedIx
      getByAttrID getByName getByIx getValueByAttrID getValueByName getValueByIx
      getArrayByAttrID getArrayByName getArrayByIx getAnimByAttr getAnimByName getAnimByIx`,

    "octaneapi.ApiLocalDBService": "root",
    "octaneapi.ApiLocalDB_CategoryService": "name package packageCount subCategory subCategoryCount",
    "octaneapi.ApiLocalDB_PackageService": "hasThumbnail name1",

    "octaneapi.ApiLogManagerService": "isFlagRegistered",

    "octaneapi.ApiNodeService": `
      info type outputTextureValueType pinCount staticPinCount dynPinCount hasPin hasPin1 hasPinIx findPin findPin1
      pinId pinIdIx pinName pinNameIx pinLabel pinLabel1 pinLabelIx pinType pinType1 pinTypeIx
      pinTextureValueType pinTextureValueTypeIx pinInfo pinInfo1 pinInfoIx
      pinsAreDirty isDirtyPin isDirtyPin1 isDirtyPinIx canConnectTo canConnectTo1 canConnectToIx
      connectedNode connectedNode1 connectedNodeIx inputNode inputNode1 inputNodeIx destinationNodes
      ownedItem ownedItem1 ownedItemIx
      getPinValueByPinID getPinValueByName getPinValueByIx ${alpha5PinReads().join(" ")}`,

    "octaneapi.ApiNodePinInfoExService": "getApiNodePinInfo",

    "octaneapi.ApiNodeGraphService": `
      info1 type1 getOwnedItems getInputNodes getOutputNodes findNodes findFirstNode findFirstOutputNode
      findItemsByName timeTransform getAssetPaths`,

    "octaneapi.ApiProjectManagerService": `
      isValid rootNodeGraph applicationPreferences projectSettings projectMetadata previewRenderTarget materialBall
      getCurrentProject loadedFromPackage loadedOcsVersion`,

    "octaneapi.ApiRenderCloudManagerService": "userSubscriptionInfo",

    "octaneapi.ApiRenderEngineService": `
      getRenderTargetNode getRenderGeometryNode getRenderCameraNode getRenderRegion
      asyncTonemapBufferType asyncTonemapCryptomatteFalseColor asyncTonemapOutputColorSpaceInfo
      asyncTonemapColorSpace asyncTonemapPremultipliedAlphaType getEnabledAovs displayRenderPassId
      getSubSampleMode clayMode fps isCompiling isCompressingTextures hasPendingRenderData
      getCurrentChangeLevel getRenderImageChangeLevel getRenderRestartedChangeLevel updatesAreAsync isImageReady
      isRenderFailure getRenderStatistics getRenderResultStatistics
      deepImageEnabled deepImageEnabled1 deepPassesEnabled canSaveDeepImage
      getMemoryUsage getResourceStatistics getGeometryStatistics getTexturesStatistics getSceneBounds
      getDeviceCount getDeviceComputeModel getDeviceName isSupportedDevice deviceCanRender deviceCanDenoise
      deviceSupportsHardwareRayTracing deviceSharedSurfaceInfo getAvailablePeerToPeerPairs isDeviceUsedForRendering
      deviceUsesPriority deviceUsesHardwareRayTracing imageDeviceIndex isDeviceUsedForDenoising renderPriority
      currentPeerToPeerGroups hardwareRayTracingEnabled renderDeviceState renderDeviceErrorCode errorcodeToString
      renderDeviceErrorMessage outOfCoreEnabled getOutOfCoreMemoryUsage getGpuHeadroom getSharedSurfaceOutputType
      getRealTime isRenderingPaused pick pickWhitePoint pickImagerWhitePoint isOutputAovWhitePointPickable
      pickOutputAovWhitePoint pickCryptomatteMatte getDevicePciIds`,

    "octaneapi.ApiRootNodeGraphService": "animationTimeSpan referenceGraphCount",

    "octaneapi.ApiSelectionManagerService": `
      isItemSelected isPinSelected isPinSelected1 isPinSelectedIx selectedItemCount selectedPinCount
      getSelection getSelection1`,

    "octaneapi.StreamCallbackService": "callbackChannel",
  }).map(([service, methods]) => [service, new Set(methods.trim().split(/\s+/))]),
);

/** Alpha 5 has a getter per value type and way of naming the pin, and numbered overloads of one name beside them. */
function alpha5PinReads(): string[] {
  const types = "Bool Float Float2 Float3 Float4 Int Int2 Int3 Int4 Matrix String FilePath".split(" ");
  const typed = types.flatMap((type) => ["", "1", "Ix"].map((suffix) => `getPin${type}${suffix}`));
  const numbered = (count: number, stem: string) =>
    Array.from({ length: count }, (_, overload) => `${stem}${overload === 0 ? "" : overload}`);
  return [...typed, ...numbered(24, "getPinValue"), ...numbered(12, "getPinValueIx")];
}
