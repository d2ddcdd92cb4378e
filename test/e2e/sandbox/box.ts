import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SandboxEvent, ScriptRun } from '../../../src/model.js';
import {
  createSandbox,
  defaultGrant,
  type Grant,
  type Sandbox,
  type SandboxOptions,
  type ScriptRequest,
} from '../../../src/sandbox/index.js';

/** A project with two packages, a registry on loopback that writes down what it is asked, and a sandbox over them. */
export interface Box {
  project: string;
  /** The package whose script runs. */
  subject: string;
  stateDir: string;
  sandbox: Sandbox;
  events: SandboxEvent[];
  /** `METHOD path` of each request that reached the registry. */
  requests: string[];
  put(path: string, content: string): string;
  run(command: string, grant?: Partial<Grant>, request?: Partial<ScriptRequest>): Promise<ScriptRun>;
  close(): Promise<void>;
}

async function startRegistry(requests: string[]): Promise<Server> {
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"name":"subject","versions":{}}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/** Opens a box; `make` may give another sandbox than the default one. */
export async function openBox(
  options: Partial<SandboxOptions> = {},
  make: (options: SandboxOptions) => Promise<Sandbox> = createSandbox,
): Promise<Box> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'si-box-')));
  const project = join(root, 'project');
  const subject = join(project, 'node_modules/subject');
  const put = (path: string, content: string) => {
    const file = join(project, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  put('node_modules/subject/package.json', '{"name":"subject","version":"1.0.0"}');
  put('node_modules/sibling/package.json', '{"name":"sibling","version":"1.0.0"}');
  const requests: string[] = [];
  const registry = await startRegistry(requests);
  const events: SandboxEvent[] = [];
  const stateDir = join(root, 'state');
  const sandbox = await make({
    projectRoot: project,
    readable: [join(project, 'node_modules')],
    registries: [{ url: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/` }],
    upstream: {},
    stateDir,
    require: 'full',
    onEvent: (event) => events.push(event),
    ...options,
  });
  return {
    project,
    subject,
    stateDir,
    sandbox,
    events,
    requests,
    put,
    run: (command, grant = {}, request = {}) =>
      sandbox.run(
        {
          package: 'subject@1.0.0',
          location: 'node_modules/subject',
          event: 'postinstall',
          command,
          cwd: subject,
          env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
          stdio: 'pipe',
          ...request,
        },
        { ...defaultGrant(), ...grant },
      ),
    close: async () => {
      await sandbox.close();
      await new Promise((done) => registry.close(done));
      rmSync(root, { recursive: true, force: true });
    },
  };
}
