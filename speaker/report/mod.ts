/** What a speaker tells through the API; see {@linkcode Reporter}. */
export {
  Reporter,
  type ReporterOptions,
  type ReportMetrics,
} from "./reporter.ts";
