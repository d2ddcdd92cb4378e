import type { ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import type { DecoyHome } from './decoys.js';
import { isGranted } from './names.js';
import { commandLines, countOthers, othersLive, scriptTree } from './processes.js';
import { type EventMessage, type FromHelper, PLACES, type StartMessage } from './protocol.js';
import { type RouteCounters, readCounters } from './routes.js';
import type { Starter } from './starter.js';
import { startTrace, type Tracing } from './trace.js';
import { watchUsage } from './watch.js';

/** How much lower than the helper's a script's priority is. */
const SCRIPT_PRIORITY = 3;

type Report = (message: FromHelper) => boolean;

/** Ends every process of this pid namespace but its first and this one. */
function endAllOthers(): void {
  try {
    process.kill(-1, 'SIGKILL');
  } catch {
    // nobody is left
  }
}

/** Lets the helper, which watches, go before the script and everything it starts. */
function yieldTo(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, SCRIPT_PRIORITY);
  } catch {
    // it ended already, or is not ours to slow down: the watch is a little later then
  }
}

/** One script that runs, with what is known about it. */
export class Job {
  private readonly child: ChildProcess;
  private readonly tracing: Tracing | null;
  private readonly counters: RouteCounters = readCounters();
  private readonly begun = performance.now();
  private readonly endWatch: () => { memoryBytes: number; processes: number; writtenBytes: number };
  private limit: string | null = null;
  private violation: string | null = null;
  private processes: string[] = [];
  private finished = false;

  constructor(
    readonly message: StartMessage,
    private readonly home: DecoyHome | null,
    starter: Starter,
    /** False where the script shares the helper's sandbox. */
    private readonly confined: boolean,
    private readonly report: Report,
    private readonly ended: () => void,
  ) {
    const { trace } = message;
    this.tracing = trace === null ? null : startTrace(trace, `${PLACES.homes}/trace-${message.id}`);
    this.child = starter.start(message, this.tracing?.argv ?? []);
    yieldTo(this.child.pid);
    for (const stream of ['stdout', 'stderr'] as const) this.carry(stream);
    this.endWatch = watchUsage(
      () => this.tree(),
      message.limits,
      message.written,
      (limit) => this.strike(limit),
    );
    // What a script left running would hold the ends of its output.
    if (!confined) this.child.once('exit', endAllOthers);
    this.child.once('error', (error) => void this.finish(null, null, `cannot start: ${error.message}`, ended));
    this.child.once('close', (code, signal) => void this.finish(code, signal, null, ended));
  }

  /** True where this script may ask for that name. */
  grants(name: string): boolean {
    return isGranted(name, this.message.hosts);
  }

  /** Tells the host what the script tried. */
  event(event: Omit<EventMessage, 'type' | 'id'>): void {
    this.report({ type: 'event', id: this.message.id, ...event });
  }

  /** Looks at the decoys before a connection goes out; false where the script is killed for having read one. */
  mayConnect(): boolean {
    if (this.violation !== null) return false;
    this.checkDecoys();
    if (this.violation === null) return true;
    this.event({ class: 'decoy', target: 'network', action: 'killed', evidence: this.violation });
    this.kill('SIGKILL');
    return false;
  }

  /** Ends the script: kindly its own programs, or everything at once. */
  kill(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void {
    if (signal === 'SIGKILL') {
      const few = countOthers() <= this.message.limits.processes;
      if (few) this.processes = commandLines(this.tree().keys());
      if (this.confined) this.child.kill('SIGKILL');
      endAllOthers();
      // The host ends the sandbox that helper and script share: no need to wait for what will not end by itself.
      if (!this.confined) void this.finish(null, 'SIGKILL', null, this.ended);
      return;
    }
    // bubblewrap's own processes stay, to hand the exit code out.
    for (const pid of this.tree().keys()) {
      try {
        process.kill(pid, signal);
      } catch {
        // it ended meanwhile
      }
    }
  }

  private tree(): Map<number, string[]> {
    return scriptTree(this.child.pid ?? -1, !this.confined ? 0 : this.tracing === null ? 2 : 3);
  }

  private carry(stream: 'stdout' | 'stderr'): void {
    const source = this.child[stream];
    source?.on('data', (chunk: Buffer) => {
      const more = this.report({ type: 'output', id: this.message.id, stream, data: chunk.toString('base64') });
      if (more) return;
      source.pause();
      process.stdout.once('drain', () => source.resume());
    });
  }

  private strike(limit: string): void {
    this.limit = limit;
    this.event({ class: 'limit', target: limit.split(':')[0]!, action: 'killed', evidence: limit });
    this.kill('SIGKILL');
  }

  private checkDecoys(): void {
    for (const hit of this.home?.hits() ?? []) {
      this.event({
        class: 'decoy',
        target: `~/${hit.path}`,
        action: 'reported',
        evidence: `decoy credential was ${hit.what}`,
      });
      if (hit.strong && hit.what === 'read' && this.message.killOnDecoyThenNetwork) {
        this.violation = `read the decoy ~/${hit.path}, then asked for the network`;
      }
    }
  }

  private checkRoutes(): void {
    const now = readCounters();
    const count = (key: keyof RouteCounters) => now[key] - this.counters[key];
    const tell = (n: number, target: string, what: string) => {
      if (n > 0) this.event({ class: 'network', target, action: 'denied', evidence: `${n} ${what}` });
    };
    tell(count('noRoute'), 'address without a route', 'packets to an address outside (kernel counter OutNoRoutes)');
    tell(count('noRoute6'), 'IPv6 address without a route', 'packets to an IPv6 address outside (Ip6OutNoRoutes)');
    tell(count('refused'), 'closed port', 'connections to a port where nothing listens (AttemptFails)');
    tell(count('datagrams'), 'closed UDP port', 'datagrams to a port where nothing listens (NoPorts)');
  }

  private async finish(
    code: number | null,
    signal: string | null,
    failed: string | null,
    ended: () => void,
  ): Promise<void> {
    if (this.finished) return;
    this.finished = true;
    const peak = this.endWatch();
    const ms = performance.now() - this.begun;
    // bubblewrap hands the exit code out a moment before the kernel has ended the rest of the namespace: what still runs
    // then could undo the clean-up.
    while (this.confined && othersLive()) {
      endAllOthers();
      await new Promise((wait) => setTimeout(wait, 1));
    }
    const violation = this.violation;
    this.checkDecoys();
    this.checkRoutes();
    const trace = (await this.tracing?.finish()) ?? null;
    if (failed !== null)
      this.report({
        type: 'output',
        id: this.message.id,
        stream: 'stderr',
        data: Buffer.from(`${failed}\n`).toString('base64'),
      });
    this.report({
      type: 'exit',
      id: this.message.id,
      code: failed === null ? code : 127,
      signal,
      limit: this.limit,
      violation,
      ms,
      peakMemoryBytes: peak.memoryBytes,
      peakProcesses: peak.processes,
      writtenBytes: peak.writtenBytes,
      processes: this.processes,
      trace,
    });
    ended();
  }
}
