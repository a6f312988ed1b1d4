/** The versions that members understand and speak. */

/** Of the protocol, and of what the application sends over it. */
export interface Versions {
  /** Least and greatest version of the protocol that is understood. */
  readonly protocolMin: number;
  /** See {@linkcode protocolMin}. */
  readonly protocolMax: number;
  /** The version that is spoken. */
  readonly protocol: number;
  /** The same for the application: memberlist's delegate. */
  readonly delegateMin: number;
  /** See {@linkcode delegateMin}. */
  readonly delegateMax: number;
  /** See {@linkcode delegateMin}. */
  readonly delegate: number;
}

/** Bytes of the versions on the wire. */
const VERSIONS_LENGTH = 6;

/** Least and greatest version of the protocol that is understood here. */
export const PROTOCOL_VERSIONS = { min: 1, max: 5 } as const;

/** From this version on a member answers pings over streams. */
export const STREAM_PING_VERSION = 3;

/** From this version on a member sends nacks. */
export const NACK_VERSION = 4;

/** From this version on a member understands checksums. */
export const CHECKSUM_VERSION = 5;

/** Versions of a member that speaks this version of the protocol and none of an application's. */
export function ownVersions(protocol: number): Versions {
  const { min: protocolMin, max: protocolMax } = PROTOCOL_VERSIONS;
  return {
    protocolMin,
    protocolMax,
    protocol,
    delegateMin: 0,
    delegateMax: 0,
    delegate: 0,
  };
}

/** The bytes of versions. */
export function versionsToBytes(versions: Versions): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(
    versions.protocolMin,
    versions.protocolMax,
    versions.protocol,
    versions.delegateMin,
    versions.delegateMax,
    versions.delegate,
  );
}

/**
 * Versions from the wire; `undefined` for missing or impossible ones. Bytes
 * after the sixth are ignored.
 */
export function versionsFromBytes(
  bytes: Uint8Array | null,
): Versions | undefined {
  if (bytes === null || bytes.length < VERSIONS_LENGTH) return undefined;
  const [
    protocolMin = 0,
    protocolMax = 0,
    protocol = 0,
    delegateMin = 0,
    delegateMax = 0,
    delegate = 0,
  ] = bytes;
  if (protocolMin === 0 || protocolMax < protocolMin) return undefined;
  return {
    protocolMin,
    protocolMax,
    protocol,
    delegateMin,
    delegateMax,
    delegate,
  };
}

/** A member as far as its versions matter. */
export interface VersionedMember {
  /** For the message. */
  readonly name: string;
  /** Its versions. */
  readonly versions: Versions;
}

/**
 * Why these members cannot be in one cluster, in a sentence; `undefined` when
 * they can: when each speaks what every one understands.
 */
export function incompatibility(
  members: readonly VersionedMember[],
): string | undefined {
  const all = members.map(({ versions }) => versions);
  const greatest = (key: keyof Versions): number =>
    Math.max(0, ...all.map((versions) => versions[key]));
  const least = (key: keyof Versions): number =>
    Math.min(0xff, ...all.map((versions) => versions[key]));
  const ranges = [
    ["protocol", greatest("protocolMin"), least("protocolMax")],
    ["delegate", greatest("delegateMin"), least("delegateMax")],
  ] as const;
  for (const { name, versions } of members) {
    for (const [key, min, max] of ranges) {
      const spoken = versions[key];
      if (spoken < min || spoken > max) {
        return `${name} speaks ${key} version ${spoken}, others understand ${min} to ${max}`;
      }
    }
  }
  return undefined;
}
