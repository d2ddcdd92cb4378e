import { chownSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxUnavailableError } from '../sandbox-errors.js';
import { REFUSED_CALLS, seccompProgram } from '../seccomp/index.js';

/** Files on the host that one sandbox's trees are made from. */
export interface RuntimeFolder {
  path: string;
  gatewaySocket: string;
  seccompProgram: string;
  helperManifest: string;
  /** Path inside → file on the host. */
  files: Record<string, string>;
  /** Writes one more file, readable for scripts. */
  write(name: string, content: string | Buffer): string;
  remove(): void;
}

/** Paths at which systems keep the bundle of public certificate authorities. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

function readable(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** The system's certificate authorities, the user's extra ones and this run's own, in one text. */
export function certificateBundle(run: string, extra: readonly string[]): { text: string; path: string } {
  const system = BUNDLES.map((path) => ({ path, text: readable(path) })).find(({ text }) => text !== null);
  const parts = [run, ...extra, system?.text ?? ''].map((text) => text.trim()).filter((text) => text !== '');
  return {
    text: `${[...new Set(parts)].join('\n')}\n`,
    path: system === undefined ? BUNDLES[0]! : realpathSync(system.path),
  };
}

/** Makes the folder of one run, readable for `owner` where scripts run as somebody else than us. */
export function createRuntimeFolder(home: string, owner: { uid: number; gid: number } | null): RuntimeFolder {
  const architecture = process.arch;
  if (architecture !== 'x64' && architecture !== 'arm64') {
    throw new SandboxUnavailableError(`The sandbox has no system call filter for ${architecture}.`, [
      'Use an x86-64 or arm64 machine.',
    ]);
  }
  const path = mkdtempSync(join(tmpdir(), 'si-'));
  const own = (file: string) => {
    if (owner !== null) chownSync(file, owner.uid, owner.gid);
    return file;
  };
  own(path);
  const write = (name: string, content: string | Buffer) => {
    writeFileSync(join(path, name), content, { mode: 0o644 });
    return own(join(path, name));
  };
  const user = 'user';
  return {
    path,
    gatewaySocket: join(path, 'gateway.sock'),
    seccompProgram: write('seccomp.bpf', seccompProgram(architecture, REFUSED_CALLS)),
    helperManifest: write('package.json', '{"type":"module"}\n'),
    files: {
      '/etc/passwd': write(
        'passwd',
        `root:x:0:0:root:/root:/sbin/nologin\n${user}:x:1000:1000::${home}:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n`,
      ),
      '/etc/group': write('group', `root:x:0:\n${user}:x:1000:\nnogroup:x:65534:\n`),
      '/etc/hosts': write('hosts', '127.0.0.1 localhost\n'),
      '/etc/resolv.conf': write('resolv.conf', 'nameserver 127.0.0.1\noptions timeout:2 attempts:2\n'),
      '/etc/nsswitch.conf': write(
        'nsswitch.conf',
        'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n',
      ),
      '/run/npmrc': write('npmrc', ''),
    },
    write,
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
