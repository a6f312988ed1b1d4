/**
 * What is done in which order and how fast: a queue of keys, and a limit on
 * calls. Time comes in as a clock.
 *
 * @module
 */
export { type RateLimit, RateLimiter } from "./rate_limiter.ts";
export { WorkQueue, type WorkQueueOptions } from "./work_queue.ts";
