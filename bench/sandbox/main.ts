// What confinement costs a script and a request: `npm run bench:sandbox -- [--rounds 15] [--write]`.

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeEnvironment, environmentLine } from '../harness/environment.js';
import { writeKept, writeSection } from '../harness/results.js';
import { type Spread, spread } from '../harness/statistics.js';
import {
  bubblewrap,
  ours,
  oursCold,
  oursFirst,
  oursWarmedUp,
  type Place,
  plain,
  sandboxRuntime,
  type Way,
} from './contenders.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, write: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });

const base = await mkdtemp(join(tmpdir(), 'si-bench-'));
const server = createServer((_, response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"name":"subject"}'),
);
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const project = join(base, 'project');
const place: Place = {
  project,
  folder: join(project, 'node_modules/subject'),
  stateDir: join(base, 'state'),
  registry: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
};
await mkdir(place.folder, { recursive: true });
await writeFile(join(place.folder, 'package.json'), '{"name":"subject","version":"1.0.0"}\n');

type Table = Map<string, Spread>;

/** Runs all ways in turn, round by round, so that a loaded machine loads all of them alike. */
async function interleave(
  ways: readonly Way[],
  command: string,
  value: (run: { ms: number; output: string }) => number,
): Promise<Table> {
  const taken = new Map<string, number[]>(ways.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const way of ways) {
      const measured = value(await way.run(command));
      if (round > 0) taken.get(way.name)!.push(measured);
    }
    console.error(`  ${command.slice(0, 40)}: round ${round} of ${rounds}`);
  }
  return new Map([...taken].map(([name, numbers]) => [name, spread(numbers)]));
}

const wall = ({ ms }: { ms: number }) => ms;
/** Median of what curl says each of its requests took. */
const perRequest = ({ output }: { output: string }) =>
  spread(
    output
      .trim()
      .split('\n')
      .map((line) => Number(line) * 1000),
  ).median;

const environment = describeEnvironment(base);
const runtime = await sandboxRuntime(place);
const warm = [plain(place), bubblewrap(place), await ours(place), runtime.warm];
const urls = Array.from({ length: 40 }, () => `${place.registry}subject`).join(' ');
const ask = `curl -s --noproxy '' -H 'connection: close' -w '%{time_total}\\n' ${urls
  .split(' ')
  .map((url) => `-o /dev/null ${url}`)
  .join(' ')}`;
const tables = {
  empty: await interleave(warm, ':', wall),
  node: await interleave(warm, 'node -e 0', wall),
  first: await interleave(
    [plain(place), bubblewrap(place), oursWarmedUp(place), oursFirst(place), oursCold(place), runtime.cold],
    ':',
    wall,
  ),
  request: await interleave([plain(place), warm[2]!, runtime.warm], ask, perRequest),
};
for (const way of warm) await way.close();
server.close();
await rm(base, { recursive: true, force: true });

const taken = environment.finish();
const cell = (found: Spread | undefined) =>
  found === undefined || found.median === 0
    ? ''
    : `**${found.median.toFixed(1)}** (${found.min.toFixed(1)}–${found.max.toFixed(1)})`;
const names = [...new Set(Object.values(tables).flatMap((table) => [...table.keys()]))];
const times = (table: Table, name: string, over: string) => {
  const [own, other] = [table.get(name), table.get(over)];
  return own === undefined || other === undefined || name === over
    ? ''
    : ` × ${(own.median / other.median).toFixed(2)}`;
};
const lines = [
  '## Sandbox',
  '',
  environmentLine(taken),
  `Milliseconds, median of ${rounds} interleaved rounds (min–max); × is against bubblewrap alone. Warm is a script of an install whose`,
  'outer sandbox runs already; first is the first script of an install (for safe-install also with the creation of gateway and',
  'certificate, which an install does while packages are being unpacked, and of the first session, which it starts when they are',
  'being built: see the two rows below); a request is a GET over a new connection to a registry on loopback.',
  '',
  '| | warm, empty script | warm, `node -e 0` | first script, empty | request |',
  '|---|---|---|---|---|',
  ...names.map((name) => {
    const { empty, node, first, request } = tables;
    const over = 'bubblewrap alone';
    return `| ${name} | ${cell(empty.get(name))}${times(empty, name, over)} | ${cell(node.get(name))}${times(node, name, over)} | ${cell(first.get(name))}${times(first, name, over)} | ${cell(request.get(name))} |`;
  }),
];
const markdown = lines.join('\n');
console.log(markdown);
if (values.write) {
  await writeSection('bench:sandbox', markdown);
  const ratio = (table: Table, name: string) => {
    const other = table.get('bubblewrap alone')!.median;
    const own = table.get(name)!;
    return {
      median: own.median / other,
      min: own.min / other,
      max: own.max / other,
      n: own.n,
      unit: '× bubblewrap alone',
    };
  };
  await writeKept({
    bench: 'sandbox',
    environment: { ...taken },
    metrics: {
      'empty script, warm': ratio(tables.empty, 'safe-install'),
      'node -e 0, warm': ratio(tables.node, 'safe-install'),
      request: { ...tables.request.get('safe-install')!, unit: 'ms' },
    },
  });
}
