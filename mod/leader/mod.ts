/**
 * Which of several replicas leads, by one Lease. Pure: moments come in as
 * arguments.
 *
 * @module
 */
export {
  type Claim,
  LeaderElection,
  type LeaderElectionOptions,
  type LeaseRecord,
  type Moment,
} from "./leader.ts";
