/**
 * Planning before anything is installed: how many pools and nodes a number of
 * addresses takes.
 *
 * @module
 */
export {
  type CapacityPlan,
  type CapacityPlanOptions,
  type CapacityRequest,
  CapacityRequestError,
  planCapacity,
  planManifests,
  type PlannedPool,
} from "./capacity.ts";
