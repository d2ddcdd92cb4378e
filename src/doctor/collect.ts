import { type as osType, release } from 'node:os';
import { join } from 'node:path';
import { SafeInstallError } from '../errors.js';
import { askForScope, createSandbox, defaultGrant, defaultLimits } from '../sandbox/index.js';
import type { RegistryOrigin, Sandbox, SandboxOptions } from '../sandbox/sandbox.js';
import type { Check, DoctorReport, EscapeResult } from './check.js';
import { createWorld, tryEscapes } from './escapes.js';
import {
  cgroupCheck,
  containerCheck,
  nodeChecks,
  programCheck,
  scopeCheck,
  stateFolderCheck,
} from './machine-checks.js';
import { registryCheck } from './registry-check.js';
import { sandboxChecks } from './sandbox-checks.js';

export interface DoctorOptions {
  registries: RegistryOrigin[];
  upstream: SandboxOptions['upstream'];
  /** SAFE_INSTALL_HOME. */
  stateDir: string;
}

/**
 * Looks at the machine, then tries ten harmless escapes in the real sandbox. Never throws for what it finds: that is its
 * report.
 */
export async function collectDoctor(options: DoctorOptions): Promise<DoctorReport> {
  const linux = process.platform === 'linux';
  const [sandbox, registries] = await Promise.all([
    sandboxChecks(),
    Promise.all(options.registries.map((registry) => registryCheck(registry, options.upstream))),
  ]);
  const checks: Check[] = [
    ...nodeChecks(),
    ...(linux ? [containerCheck()] : []),
    ...sandbox,
    ...(linux ? [cgroupCheck(), scopeCheck(await askForScope(defaultLimits))] : []),
    programCheck('python3', 'packages that compile need it', 'Install Python 3.'),
    programCheck('make', 'packages that compile need it', 'Install make and a C++ compiler.'),
    programCheck('c++', 'packages that compile need it', 'Install a C++ compiler.'),
    programCheck('git', 'git dependencies need it', 'Install git.'),
    ...registries,
    stateFolderCheck(options.stateDir),
  ];
  const { level, escapes, broken } = await selfTest(options.stateDir);
  return {
    schema: 1,
    platform: { os: osType(), release: release(), arch: process.arch, node: process.versions.node },
    level,
    checks: broken === null ? checks : [...checks, broken],
    escapes,
  };
}

async function selfTest(
  stateDir: string,
): Promise<{ level: DoctorReport['level']; escapes: EscapeResult[]; broken: Check | null }> {
  const { world, attempts } = await createWorld();
  let sandbox: Sandbox | null = null;
  try {
    sandbox = await createSandbox({
      projectRoot: world.project,
      readable: [join(world.project, 'node_modules')],
      registries: [{ url: world.registry }],
      upstream: {},
      stateDir,
      require: 'basic',
    });
    const box = sandbox;
    const escapes = await tryEscapes(world, attempts, (command, cwd, env) =>
      box.run(
        {
          package: 'doctor-package@1.0.0',
          location: 'node_modules/doctor-package',
          event: 'postinstall',
          command,
          cwd,
          env: { PATH: process.env['PATH'] ?? '', ...env },
          stdio: 'pipe',
        },
        defaultGrant(),
      ),
    );
    return { level: box.level, escapes, broken: null };
  } catch (error) {
    const told = error instanceof SafeInstallError ? error : null;
    const broken: Check = {
      id: 'sandbox',
      title: 'Sandbox',
      status: 'failure',
      found: (error as Error).message,
      remedies: told?.next ?? [],
    };
    return { level: 'none', escapes: [], broken };
  } finally {
    await sandbox?.close();
    await world.close();
  }
}
