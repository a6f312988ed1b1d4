/** Time, passed in, so that tests decide how it runs. */
export { Alarm } from "./alarm.ts";
export { type Clock, SYSTEM_CLOCK } from "./clock.ts";
export { Deadline } from "./deadline.ts";
