import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { EXIT, SafeInstallError } from '../errors.js';
import type { InstallReport } from '../model.js';

interface NpmError extends Error {
  code?: unknown;
  errno?: unknown;
  syscall?: unknown;
  path?: unknown;
  file?: unknown;
  uri?: unknown;
  pkgid?: unknown;
  spec?: unknown;
  required?: unknown;
  current?: { name?: string; version?: string } | unknown;
  edge?: { name?: string; spec?: string; from?: { name?: string; version?: string } | null } | unknown;
}

const ADVICE: Record<string, string[]> = {
  E401: ['The registry asks for a login: check the token in your .npmrc.'],
  E403: ['The registry refuses it: check your rights, and the package name.'],
  E404: ['The registry does not know it, or does not show it to you: check name, version and registry.'],
  ECONNREFUSED: ['Nobody answers at that address: check the registry setting and your network, or use --offline.'],
  ENOTFOUND: ['The name cannot be resolved: check the registry setting and your network, or use --offline.'],
  ETIMEDOUT: ['Try again; see fetch-timeout and fetch-retries.'],
  ENOTCACHED: ["It is not in npm's cache: run without --offline once."],
  ENOSPC: ['The disk is full: make room, then run the command again.'],
  EACCES: ['You may not write there: check the owner of the folder.'],
  EINTEGRITY: [
    'The bytes are not those that the lock file or the registry names. Do not go on before you know why:',
    'a damaged cache (npm cache verify), a mirror that repacks, or a tarball that was exchanged.',
  ],
  ERESOLVE: ['Fix the conflict, or run with --legacy-peer-deps (or --force) to accept it.'],
  EJSONPARSE: ['The file is no valid JSON: mend it, or restore it from version control.'],
  EBADENGINE: ['Use a Node version that fits, or leave out engine-strict.'],
};

/** Exit code and report entry of whatever ended a command: ours as they are, npm's in npm's words with what to do next. */
export function describeError(error: unknown): { exitCode: number; entry: NonNullable<InstallReport['error']> } {
  if (error instanceof SafeInstallError) {
    const { code, message, where, next, exitCode } = error;
    return { exitCode, entry: { code, message, where: where ?? null, next } };
  }
  const npm = (error instanceof Error ? error : new Error(String(error))) as NpmError;
  const code = isOutOfRoom(npm) ? 'ENOSPC' : typeof npm.code === 'string' ? npm.code : 'EUNKNOWN';
  return {
    exitCode: EXIT.npm,
    entry: {
      code,
      message: code === 'ERESOLVE' ? resolveMessage(npm) : npm.message,
      where: firstText(npm.path, npm.file, npm.uri, npm.pkgid, npm.spec),
      next: ADVICE[code] ?? [],
    },
  };
}

/** On a disk without a free inode Node's recursive mkdir says ENOENT of a folder whose parent is there. */
function isOutOfRoom({ code, syscall, path }: NpmError): boolean {
  return code === 'ENOENT' && syscall === 'mkdir' && typeof path === 'string' && existsSync(dirname(path));
}

function resolveMessage(error: NpmError): string {
  const edge = error.edge as { name?: string; spec?: string; from?: { name?: string; version?: string } } | undefined;
  const current = error.current as { name?: string; version?: string } | undefined;
  if (!edge?.name) {
    return error.message;
  }
  const from = edge.from ? `${edge.from.name ?? 'the project'}@${edge.from.version ?? ''}` : 'the project';
  const found = current?.name ? `, but ${current.name}@${current.version ?? ''} is in the tree` : '';
  return `${error.message}: ${from} wants ${edge.name}@"${edge.spec ?? ''}"${found}`;
}

function firstText(...values: unknown[]): string | null {
  return values.find((value): value is string => typeof value === 'string' && value !== '') ?? null;
}
