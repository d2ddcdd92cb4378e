import { chownSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SandboxUnavailableError } from '../sandbox-errors.js';
import { REFUSED_CALLS, seccompProgram } from '../seccomp/index.js';
import { type EtcFolder, isBound, makeEtcFolder } from './etc-folder.js';

/** Files on the host that one sandbox's trees are made from. */
export interface RuntimeFolder {
  path: string;
  gatewaySocket: string;
  seccompProgram: string;
  helperManifest: string;
  etc: EtcFolder;
  /** Names of {@link etc} that we made up: they are mounted one by one where a grant shows the real /etc. */
  synthetic: string[];
  /** Folder that scripts see as {@link OWN_FILES}. */
  own: string;
  /** Files that are mounted over those of bound folders: path inside → file on the host. */
  over: Record<string, string>;
  /** Puts the certificates of this run where programs look for them. */
  addCertificates(run: string, bundle: { text: string; path: string }): void;
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

/** Path at which scripts see files of ours. */
export const OWN_FILES = '/run/script';

/** Files of /etc that tell a program where and who it is, all made up. */
function synthetic(home: string): Record<string, string> {
  return {
    passwd: [
      'root:x:0:0:root:/root:/sbin/nologin',
      `user:x:1000:1000::${home}:/bin/sh`,
      'nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin',
      '',
    ].join('\n'),
    group: 'root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n',
    hosts: '127.0.0.1 localhost\n',
    'resolv.conf': 'nameserver 127.0.0.1\noptions timeout:2 attempts:2\n',
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n',
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
  const made = synthetic(home);
  const etc = makeEtcFolder(join(path, 'etc'), made);
  mkdirSync(join(path, 'own'), { mode: 0o755 });
  write('own/npmrc', '');
  const over: Record<string, string> = {};
  return {
    path,
    gatewaySocket: join(path, 'gateway.sock'),
    seccompProgram: write('seccomp.bpf', seccompProgram(architecture, REFUSED_CALLS)),
    helperManifest: write('package.json', '{"type":"module"}\n'),
    etc,
    synthetic: Object.keys(made),
    own: join(path, 'own'),
    over,
    addCertificates: (run, bundle) => {
      write('own/registry-ca.pem', run);
      const name = bundle.path.slice('/etc/'.length);
      if (isBound(etc, bundle.path)) over[bundle.path] = write('ca-bundle.pem', bundle.text);
      else {
        mkdirSync(join(path, 'etc', dirname(name)), { recursive: true });
        write(`etc/${name}`, bundle.text);
      }
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
