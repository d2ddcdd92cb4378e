import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { DecoyHome } from './decoys.js';
import { serveDns } from './dns.js';
import { serveFronts, type Wish } from './front.js';
import { Homes } from './homes.js';
import { Job } from './job.js';
import { AddressBook } from './names.js';
import {
  type DecoyFile,
  type FromHelper,
  type HelperOptions,
  PLACES,
  type SetUpMessage,
  type StartMessage,
  type ToHelper,
} from './protocol.js';
import { Starter } from './starter.js';

/** What all scripts have in common. */
interface Common {
  decoys: readonly DecoyFile[];
  starter: Starter;
  /** Null where script and helper share a sandbox: HOME is a file system of the sandbox's own then, and dies with it. */
  homes: Homes | null;
}

const begun = performance.now();
const options = JSON.parse(process.argv[2] ?? '{}') as HelperOptions;
const book = new AddressBook();
let job: Job | null = null;
let common: Common | null = null;

/** Writes one message to the host; false asks for a pause. */
function report(message: FromHelper): boolean {
  return process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Closes descriptors that somebody outside forgot to mark close-on-exec, so that no script inherits them. */
function closeStrangers(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd <= 2) continue;
    try {
      const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, 'utf8'));
      if (flags && (Number.parseInt(flags[1]!, 8) & 0o2000000) === 0) closeSync(fd);
    } catch {
      // the folder's own descriptor
    }
  }
}

function resolve(name: string, type: string): string | null {
  if (name === 'localhost') return '127.0.0.1';
  if (job?.grants(name)) return book.addressOf(name);
  job?.event({
    class: 'dns',
    target: name,
    action: 'denied',
    evidence: `${type} query for a name that is not granted`,
  });
  job?.mayConnect();
  return null;
}

function admit(transport: Wish['transport'], address: string, port: number): Wish | null {
  if (job === null || !job.mayConnect()) return null;
  const from = { package: job.message.package, script: job.message.script };
  if (transport === 'connect' || transport === 'socks') return { transport, host: null, port, ...from };
  const known = book.nameOf(address);
  if (known !== null) return { transport, host: known, port, ...from };
  const outside = options.loopback.find((place) => place.port === port);
  if (outside !== undefined) return { transport, host: outside.host, port, ...from };
  job.event({
    class: 'network',
    target: `${address}:${port}`,
    action: 'denied',
    evidence: 'no granted host at this address',
  });
  return null;
}

function setUp({ decoys, bwrap }: SetUpMessage): Common {
  const starter = new Starter(bwrap);
  if (options.level !== 'full') return { decoys, starter, homes: null };
  const homes = new Homes(PLACES.home, decoys);
  homes.prepare();
  starter.prepare();
  return { decoys, starter, homes };
}

function homeOf({ home }: StartMessage, { homes, decoys }: Common): DecoyHome | null {
  if (home === null) return null;
  return homes?.folder === home ? homes.take() : new DecoyHome(home, decoys);
}

function startJob(message: StartMessage, all: Common): Job {
  const home = homeOf(message, all);
  const { homes, starter } = all;
  return new Job(message, home, starter, options.level === 'full', report, () => {
    job = null;
    if (homes === null) return;
    if (home !== null) homes.giveBack();
    setImmediate(() => {
      if (job === null) starter.prepare();
    });
  });
}

function obey(message: ToHelper): void {
  if (message.type === 'set-up') common = setUp(message);
  else if (message.type === 'start') {
    if (job !== null || common === null) throw new Error('a script runs already, or nothing is set up');
    job = startJob(message, common);
  } else if (job?.message.id === message.id) job.kill(message.signal);
}

async function main(): Promise<void> {
  closeStrangers();
  if (options.level === 'full') await serveDns(resolve);
  await serveFronts(options.level === 'full' ? options.ports : [], admit);
  let line = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (chunk: string) => {
    line += chunk;
    for (let end = line.indexOf('\n'); end >= 0; end = line.indexOf('\n')) {
      const message = JSON.parse(line.slice(0, end)) as ToHelper;
      line = line.slice(end + 1);
      obey(message);
    }
  });
  process.stdin.on('end', () => {
    job?.kill('SIGKILL');
    process.exit(0);
  });
  report({ type: 'ready', startMs: performance.now() - begun });
}

// Script output and programs that end early must not end the helper.
process.on('SIGPIPE', () => {});
main().catch((error: Error) => {
  report({ type: 'fatal', message: error.stack ?? String(error) });
  process.exit(1);
});
