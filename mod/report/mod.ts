/**
 * What the roles tell people through the API: Events about Services, and
 * whether the configuration is in force. Written after everything that matters
 * more, and only what is new.
 *
 * @module
 */
export {
  type ConfigStateOptions,
  ConfigStateWriter,
  type ConfigVerdict,
} from "./config_state.ts";
export {
  EventRecorder,
  type EventRecorderOptions,
  type ServiceReport,
} from "./event_recorder.ts";
export {
  L2_STATUS_RECORDS,
  type L2Announcement,
  l2StatusDescription,
  l2StatusMetadata,
  type L2StatusRecord,
  l2StatusState,
  type L2StatusStep,
  leftovers,
  planL2Status,
  selectorOfNode,
  selectorOfOthers,
  type WantedL2Status,
} from "./l2_status.ts";
