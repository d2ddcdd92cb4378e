import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import PackageJson from '@npmcli/package-json';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { EXIT, SafeInstallError } from '../../errors.js';
import { replaceFile } from '../../replace-file.js';
import type { ScriptPolicy } from './script-policy.js';

/** Where a project's package manager keeps script decisions. */
export interface ManagerFile {
  manager: 'npm' | 'pnpm';
  /** Absolute path, for messages. */
  file: string;
  read(): Promise<ScriptPolicy>;
  write(policy: ScriptPolicy): Promise<void>;
}

/** The file of the project's package manager: pnpm-workspace.yaml where pnpm is at home, else package.json. */
export function managerFile(projectRoot: string): ManagerFile {
  const isPnpm =
    !existsSync(join(projectRoot, 'package-lock.json')) &&
    (existsSync(join(projectRoot, 'pnpm-lock.yaml')) || existsSync(join(projectRoot, 'pnpm-workspace.yaml')));
  return isPnpm ? pnpmWorkspace(projectRoot) : packageJson(projectRoot);
}

/** `allowScripts` of package.json, read and written by npm's own code: indentation and line ends stay. */
export function packageJson(projectRoot: string): ManagerFile {
  const file = join(projectRoot, 'package.json');
  const load = async () => {
    try {
      return await PackageJson.load(projectRoot);
    } catch (cause) {
      throw new SafeInstallError(`package.json cannot be read: ${(cause as Error).message}`, {
        code: 'EPACKAGEJSON',
        exitCode: EXIT.npm,
        where: file,
        cause,
      });
    }
  };
  return {
    manager: 'npm',
    file,
    async read() {
      return asPolicy((await load()).content['allowScripts' as keyof object], file);
    },
    async write(policy) {
      const loaded = await load();
      loaded.update({ allowScripts: policy } as never);
      await loaded.save();
    },
  };
}

/**
 * pnpm-workspace.yaml by pnpm's rules (12.11): `permissions.<package>.build` where that map exists, else `allowBuilds`.
 * Comments and everything else in the file stay.
 */
export function pnpmWorkspace(projectRoot: string): ManagerFile {
  const file = join(projectRoot, 'pnpm-workspace.yaml');
  const load = () => {
    const document = parseDocument(existsSync(file) ? readFileSync(file, 'utf8') : '');
    const [error] = document.errors;
    if (error !== undefined) throw invalid(file, error.message);
    return document;
  };
  return {
    manager: 'pnpm',
    file,
    async read() {
      const content: unknown = load().toJS() ?? {};
      const result = pnpmSchema.safeParse(content);
      if (!result.success) throw invalid(file, z.prettifyError(result.error));
      const { allowBuilds, permissions } = result.data;
      const builds = Object.entries(permissions ?? {}).flatMap(([key, { build }]) =>
        build === undefined ? [] : [[key, build]],
      );
      return { ...allowBuilds, ...Object.fromEntries(builds) };
    },
    async write(policy) {
      const document = load();
      const table = document.hasIn(['permissions']) ? 'permissions' : 'allowBuilds';
      const before = await this.read();
      for (const key of Object.keys(before)) {
        if (Object.hasOwn(policy, key)) continue;
        for (const place of [
          ['allowBuilds', key],
          ['permissions', key, 'build'],
        ]) {
          if (document.hasIn(place)) document.deleteIn(place);
        }
      }
      for (const [key, value] of Object.entries(policy)) {
        if (before[key] !== value)
          document.setIn(table === 'permissions' ? [table, key, 'build'] : [table, key], value);
      }
      await replaceFile(file, document.toString());
    },
  };
}

const pnpmSchema = z.looseObject({
  allowBuilds: z.record(z.string(), z.unknown()).optional(),
  permissions: z.record(z.string(), z.looseObject({ build: z.boolean().optional() })).optional(),
});

function asPolicy(value: unknown, file: string): ScriptPolicy {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as ScriptPolicy;
  throw new SafeInstallError('allowScripts must be an object of package specs and true or false.', {
    code: 'EALLOWSCRIPTS',
    exitCode: EXIT.npm,
    where: file,
  });
}

function invalid(file: string, message: string): SafeInstallError {
  return new SafeInstallError(`pnpm-workspace.yaml is not valid: ${message}`, {
    code: 'EPNPMWORKSPACE',
    exitCode: EXIT.config,
    where: file,
  });
}
