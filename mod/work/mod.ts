/**
 * What is done in which order and how fast: a queue of keys, a limit on
 * calls, what is under way. Time comes in as a clock.
 *
 * @module
 */
export { type RateLimit, RateLimiter } from "./rate_limiter.ts";
export { Tasks } from "./tasks.ts";
export { WorkQueue, type WorkQueueOptions } from "./work_queue.ts";
