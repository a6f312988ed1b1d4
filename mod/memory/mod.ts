/** Keeps a process as small as what it holds. The packet worker starts with it: nothing heavy here. */
export { collectGarbage } from "./collect_garbage.ts";
export { type Heap, keepTidy } from "./tidying.ts";
