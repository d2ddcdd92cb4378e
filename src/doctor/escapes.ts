import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EscapeResult } from './check.js';

/** How a command is run: in the sandbox, or in a test of the attempts themselves without one. */
export type Runner = (
  command: string,
  cwd: string,
  env: Record<string, string>,
) => Promise<{ output: string; exitCode: number | null }>;

/** What the attempts are made against: a project, a service and secrets, all made for this and removed after. */
export interface World {
  project: string;
  /** Folder of the package whose script the attempts play. */
  package: string;
  /** Base URL of a registry on loopback that records what reaches it. */
  registry: string;
  close(): Promise<void>;
}

interface Attempt {
  id: string;
  title: string;
  command: string;
  env?: Record<string, string>;
  /** True where the attempt got through. */
  escaped(output: string): boolean;
}

/** A world together with the attempts in it. */
export async function createWorld(): Promise<{ world: World; attempts: Attempt[] }> {
  const outside = realpathSync(mkdtempSync(join(homedirOrTmp(), '.safe-install-doctor-')));
  const project = join(outside, 'project');
  const own = join(project, 'node_modules', 'doctor-package');
  mkdirSync(own, { recursive: true });
  mkdirSync(join(project, 'node_modules', 'sibling'));
  const secret = randomBytes(12).toString('hex');
  const file = (path: string, text: string) => {
    writeFileSync(path, text);
    return path;
  };
  const key = file(join(outside, 'key'), secret);
  const source = file(join(project, '.env'), secret);
  const manifest = file(join(project, 'package.json'), '{"name":"doctor"}\n');
  file(join(own, 'package.json'), '{"name":"doctor-package","version":"1.0.0"}\n');
  const seen: string[] = [];
  const service = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.end('{"name":"doctor-package"}');
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  const other = createServer((_request, response) => response.end(secret));
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const otherPort = (other.address() as AddressInfo).port;
  const registry = `http://127.0.0.1:${port}/`;
  const node = `"${process.execPath}" -e`;
  const mark = join(outside, 'left-over');
  const attempts: Attempt[] = [
    {
      id: 'read-home',
      title: 'read a file of the user',
      command: `cat '${key}'`,
      escaped: (output) => output.includes(secret),
    },
    {
      id: 'read-project',
      title: 'read the project’s .env',
      command: `cat '${source}' || cat ../../.env`,
      escaped: (output) => output.includes(secret),
    },
    {
      id: 'write-project',
      title: 'change the project’s package.json',
      command: `echo changed >> '${manifest}'`,
      escaped: () => readFileSync(manifest, 'utf8').includes('changed'),
    },
    {
      id: 'write-sibling',
      title: 'write into another package',
      command: 'echo x > ../sibling/planted.js',
      escaped: () => existsSync(join(project, 'node_modules', 'sibling', 'planted.js')),
    },
    {
      id: 'read-environment',
      title: 'read a token from the environment',
      command: 'echo "got $DOCTOR_AUTH_TOKEN"',
      env: { DOCTOR_AUTH_TOKEN: secret },
      escaped: (output) => output.includes(secret),
    },
    {
      id: 'see-processes',
      title: 'see a process of the machine',
      command: `kill -0 ${process.pid} && echo alive`,
      escaped: (output) => output.includes('alive'),
    },
    {
      id: 'reach-loopback',
      title: 'reach a service of the machine',
      command: `${node} "fetch('http://127.0.0.1:${otherPort}/').then(r=>r.text()).then(console.log).catch(()=>console.log('none'))"`,
      escaped: (output) => output.includes(secret),
    },
    {
      id: 'gain-rights',
      title: 'get rights of its own',
      command:
        process.platform === 'darwin'
          ? `osascript -e 'tell application "Finder" to get name' >/dev/null && echo gained`
          : 'unshare --user --map-root-user true && echo gained',
      escaped: (output) => output.includes('gained'),
    },
    {
      id: 'publish',
      title: 'publish to the registry',
      command: `${node} "fetch('${registry}doctor-package',{method:'PUT',body:'{}'}).then(()=>console.log('published')).catch(()=>console.log('none'))"`,
      escaped: () => seen.some((request) => request.startsWith('PUT')),
    },
    {
      id: 'leave-process',
      title: 'leave a process running',
      command: `(trap '' HUP; sleep 1; echo x > '${join(own, 'left-over')}'; echo x > '${mark}') >/dev/null 2>&1 &`,
      escaped: () => existsSync(join(own, 'left-over')) || existsSync(mark),
    },
  ];
  return {
    world: {
      project,
      package: own,
      registry,
      async close() {
        for (const server of [service, other]) {
          server.closeAllConnections();
          server.close();
        }
        rmSync(outside, { recursive: true, force: true });
      },
    },
    attempts,
  };
}

/** Time that a process left behind by an attempt would need to show itself. */
const LEFT_OVER_MS = 1600;

/** Makes every attempt and says whether the sandbox held. Before that a benign script must work, or the result says nothing. */
export async function tryEscapes(world: World, attempts: readonly Attempt[], run: Runner): Promise<EscapeResult[]> {
  const control = await run(
    `echo built > built.txt && "${process.execPath}" -e "fetch('${world.registry}doctor-package').then(r=>r.text()).then(console.log)"`,
    world.package,
    {},
  );
  const works = control.output.includes('"doctor-package"') && existsSync(join(world.package, 'built.txt'));
  const results: EscapeResult[] = [
    {
      id: 'benign-script',
      title: 'a benign script can build and read from the registry',
      held: works,
      detail: works ? 'it can' : shorten(control.output),
    },
  ];
  const outputs: string[] = [];
  for (const { command, env } of attempts) outputs.push((await run(command, world.package, env ?? {})).output);
  await new Promise((later) => setTimeout(later, LEFT_OVER_MS));
  attempts.forEach(({ id, title, escaped }, i) => {
    const got = escaped(outputs[i]!);
    results.push({ id, title, held: !got, detail: got ? 'it got through' : shorten(outputs[i]!) });
  });
  return results;
}

function shorten(output: string): string {
  const line = output.trim().split('\n')[0] ?? '';
  return line === '' ? 'nothing came of it' : line.slice(0, 160);
}

/** A place that is not the temporary folder, of which sandboxes have their own: the attempts must fail for the right reason. */
function homedirOrTmp(): string {
  const home = homedir();
  try {
    const probe = mkdtempSync(join(home, '.safe-install-doctor-'));
    rmSync(probe, { recursive: true });
    return home;
  } catch {
    return tmpdir();
  }
}
