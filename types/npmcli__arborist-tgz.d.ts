declare module '@npmcli/arborist/lib/version-from-tgz.js' {
  /** Name and version that a registry's tarball URL names. */
  export default function versionFromTgz(name: string, url: string): { name: string; version: string } | null;
}
