// `tsx allowing-install.ts <command> <spec…>`: one of npm's commands through the built install room, with a scanner that allows
// everything and unpacks into the store. Equality is about where bytes end up; what the scanner says of them has its own tests.
import { loadNpmConfig } from '../../../src/config/index.js';
import type { InstallCommand } from '../../../src/install/index.js';
import type { Verdict } from '../../../src/model.js';

const dist = new URL('../../../dist/', import.meta.url);
const { installProject } = (await import(
  new URL('install/index.js', dist).href
)) as typeof import('../../../src/install/index.js');
const { AnalyzerPool, defaultRulesFolder } = (await import(
  new URL('analyze/index.js', dist).href
)) as typeof import('../../../src/analyze/index.js');
const { storeFolder } = (await import(
  new URL('store/index.js', dist).href
)) as typeof import('../../../src/store/index.js');

const { openSession } = (await import(
  new URL('library/index.js', dist).href
)) as typeof import('../../../src/library/index.js');

const [command, ...argv] = process.argv.slice(2);
const stateDir = process.env['SAFE_INSTALL_HOME'] as string;
const npm = await loadNpmConfig(argv, process.cwd(), process.env);
const ALLOWED: Verdict = {
  action: 'allow',
  score: 0,
  findings: [],
  capabilities: [],
  stats: { files: 0, bytes: 0, parsed: 0, ms: 0, fromCache: false },
};

const session = await openSession({ npm, cwd: process.cwd(), stateDir });
const report = await installProject({
  ...session,
  command: command as InstallCommand,
  specs: npm.positionals,
  rooms: {
    createScanner: async () => {
      const pool = new AnalyzerPool({ rulesFolders: [defaultRulesFolder()], home: null, store: storeFolder(stateDir) });
      return { scan: async () => ALLOWED, place: (...job) => pool.place(...job), close: () => pool.close() };
    },
  },
});
if (report.error !== null) console.error(report.error);
for (const script of report.scripts) console.error(`${script.package} ${script.event}: ${script.exitCode}`);
console.error(JSON.stringify(report.timings));
process.exitCode = report.exitCode;
