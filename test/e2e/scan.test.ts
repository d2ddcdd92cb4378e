import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { findContent } from '../../src/fetch/index.js';
import { explainPackage, type ScanOptions, scanTargets } from '../../src/install/index.js';
import { plain, talker } from './made.js';
import { makeProject, TEST_POLICY, type TestProject } from './project.js';
import { packFolder, startRegistry, type TestRegistry } from './registry.js';

// With the real analyzer: what a person sees of a planted and of a plain package, whichever way it is named.
const planted = fileURLToPath(new URL('../../fixtures/malicious/identity-beacon-post/package', import.meta.url));
const NAME = 'acme-design-tokens';
let registry: TestRegistry;
let project: TestProject;

const settings = async (): Promise<Omit<ScanOptions, 'targets'>> => ({
  cwd: project.path,
  npm: await project.npm(),
  policy: TEST_POLICY,
  stateDir: join(project.outside, 'state'),
  rulesFolders: [],
});
const scan = async (...targets: string[]) => scanTargets({ ...(await settings()), targets });

beforeAll(async () => {
  registry = await startRegistry();
  await registry.publishFolder(planted);
  await registry.publish(talker('good', '1.0.0', ['install'], { dependencies: { below: '^1.0.0' } }));
  await registry.publish(plain('below', '1.0.0'));
  project = await makeProject(registry.url, {
    'package.json': { name: 'p', version: '1.0.0', dependencies: { good: '1.0.0' }, allowScripts: { good: true } },
  });
});
afterEach(async () => {
  // Scanning writes nothing into the project but what the tests put there.
  expect((await readdir(project.path)).filter((name) => name === 'node_modules')).toEqual([]);
});
afterAll(async () => {
  await project.remove();
  await registry.stop();
});

test('a folder, a tarball and a spec get the same verdict, and the exit code says it', async () => {
  await writeFile(join(project.path, 'planted.tgz'), await packFolder(planted));
  const reports = [await scan(planted), await scan('planted.tgz'), await scan(`${NAME}@9`)];
  for (const report of reports) {
    expect(report).toMatchObject({ command: 'scan', exitCode: 10, error: null });
    expect(report.packages[0]).toMatchObject({ name: NAME, verdict: { action: 'block' }, decision: null });
    expect(report.packages[0]?.findings.map(({ rule }) => rule).sort()).toEqual(
      reports[0]?.packages[0]?.findings.map(({ rule }) => rule).sort(),
    );
  }
  expect((await scan('good', planted)).exitCode).toBe(10);
  expect(await scan('good')).toMatchObject({ exitCode: 0, packages: [{ name: 'good', source: 'registry' }] });
});

test('a lock file: every package of it', async () => {
  await project.run('install', [], { argv: ['--package-lock-only'] });
  const report = await scan('package-lock.json');
  expect(report).toMatchObject({ exitCode: 0, error: null });
  expect(report.packages.map(({ name, version }) => `${name}@${version}`).sort()).toEqual([
    'below@1.0.0',
    'good@1.0.0',
  ]);
  await project.write({ 'other-package-lock.json': await project.read('package-lock.json') });
  expect((await scan('other-package-lock.json')).packages).toHaveLength(2);
  await project.write({ 'broken-package-lock.json': '{' });
  expect(await scan('broken-package-lock.json')).toMatchObject({ exitCode: 1, error: { code: 'ELOCKFILE' } });
});

test('what cannot be scanned is an error that says so', async () => {
  expect(await scan('./nowhere')).toMatchObject({ exitCode: 1, error: { code: 'ENOTARGET' } });
  expect(await scan('no-such-package-here')).toMatchObject({ exitCode: 1, error: { code: 'E404' } });
});

test('explain tells of a package of the tree with its approval, and of one that is not there', async () => {
  const [good] = await explainPackage({ ...(await settings()), spec: 'good', approvals: [] });
  expect(good).toMatchObject({
    package: { name: 'good', location: 'node_modules/good' },
    scripts: [{ event: 'install', command: 'node talk.js install', implicit: false }],
    decision: { action: 'allow', runScripts: true, approval: 'approved' },
  });
  const [bad] = await explainPackage({ ...(await settings()), spec: NAME, approvals: [] });
  expect(bad).toMatchObject({ decision: { action: 'block' }, scripts: [{ event: 'preinstall' }] });
  expect(bad?.verdict.findings.some(({ slice }) => (slice?.frame ?? '') !== '')).toBe(true);
});

test('content that has rotted in npm’s cache is fetched again', async () => {
  await scan('below');
  const { integrity } = (await scan('below')).packages[0]!;
  const cache = join(project.outside, 'npm-cache', '_cacache');
  const pin = await findContent(cache, integrity);
  await writeFile(pin?.file ?? '', 'rotten');
  const stateDir = join(project.outside, 'fresh-state');
  const report = await scanTargets({ ...(await settings()), stateDir, targets: ['below'] });
  expect(report).toMatchObject({ exitCode: 0, error: null, packages: [{ name: 'below', integrity }] });
});
