/** Which Services share addresses, kept up to date piece by piece. */

/** An index from addresses to Services and back. */
export class AddressGroups {
  readonly #addresses = new Map<string, readonly string[]>();
  readonly #services = new Map<string, Set<string>>();

  /** Forgets everything. */
  clear(): void {
    this.#addresses.clear();
    this.#services.clear();
  }

  /** Gives a Service these addresses and no others; none = it is gone. */
  set(service: string, addresses: readonly string[]): void {
    for (const address of this.#addresses.get(service) ?? []) {
      const services = this.#services.get(address);
      services?.delete(service);
      if (services?.size === 0) this.#services.delete(address);
    }
    if (addresses.length === 0) this.#addresses.delete(service);
    else this.#addresses.set(service, addresses);
    for (const address of addresses) {
      const services = this.#services.get(address) ?? new Set();
      this.#services.set(address, services.add(service));
    }
  }

  /**
   * A Service and all that share an address with it, directly or through
   * others, sorted.
   */
  of(service: string): readonly string[] {
    const group = new Set([service]);
    // What is added on the way is visited too.
    for (const member of group) {
      for (const address of this.#addresses.get(member) ?? []) {
        for (const other of this.#services.get(address) ?? []) group.add(other);
      }
    }
    return [...group].sort();
  }
}
