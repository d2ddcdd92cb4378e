/** True where `name` is granted by one of the patterns (`name` or `*.name`). */
export function isGranted(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.startsWith('*.') ? name.endsWith(pattern.slice(1).toLowerCase()) : name === pattern.toLowerCase(),
  );
}

/** Gives each name an address of its own in 127.1.0.0/16, so that a connection's address tells its name. */
export class AddressBook {
  private readonly byName = new Map<string, string>();
  private readonly byAddress = new Map<string, string>();

  /** The address of a name; null when all are given away. */
  addressOf(name: string): string | null {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const next = this.byName.size + 1;
    if (next > 0xfffe) return null;
    const address = `127.1.${next >> 8}.${next & 255}`;
    this.byName.set(name, address);
    this.byAddress.set(address, name);
    return address;
  }

  nameOf(address: string): string | null {
    return this.byAddress.get(address) ?? null;
  }
}
