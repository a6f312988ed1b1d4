/** The effects of the adapter, by Deno. */
import type { KubePlatform } from "../../mod/kube/mod.ts";

/** Deno's own functions. */
export const DENO_PLATFORM: KubePlatform<Deno.HttpClient> = {
  createHttpClient: Deno.createHttpClient,
  fetch,
  readTextFile: Deno.readTextFile,
};
