/** The machines that an image can be built for. */

/** What differs between them. */
export interface Architecture {
  /** Name in OCI (`GOARCH`) and in Debian, which agree on these two. */
  readonly name: "amd64" | "arm64";
  /** Debian's folder of libraries below `/usr/lib`. */
  readonly triplet: string;
  /** The npm package that has Deno's executable. */
  readonly denoPackage: string;
  /** SHA-256 of that executable, of the version in the Containerfile. */
  readonly denoDigest: string;
}

/** All of them. */
export const ARCHITECTURES: readonly Architecture[] = [
  {
    name: "amd64",
    triplet: "x86_64-linux-gnu",
    denoPackage: "@deno/linux-x64-glibc",
    denoDigest:
      "bceb5b6a6239b0b010418406d8c77a508f67cf4337d94288f1c19fe71304aab0",
  },
  {
    name: "arm64",
    triplet: "aarch64-linux-gnu",
    denoPackage: "@deno/linux-arm64-glibc",
    denoDigest:
      "d08d392418df53f4e6e88a08909c0e1bccbf9adcead7232df72b6ad6075ec416",
  },
];

/** The architecture of the machine that this runs on. */
export function ownArchitecture(): Architecture["name"] {
  return Deno.build.arch === "aarch64" ? "arm64" : "amd64";
}
