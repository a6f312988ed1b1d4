/** What the contract of the Kubernetes port needs of a server. */
import type { ConnectedClient } from "../../mod/kube/mod.ts";

/** A running API server and a client of it. Disposing of it stops both. */
export interface ContractServer extends AsyncDisposable {
  /** The client under test. */
  readonly client: ConnectedClient;
  /** Ends the server; connections break. */
  stop(): Promise<void>;
  /** Starts it again, at the same place and with the same data. */
  start(): Promise<void>;
}
