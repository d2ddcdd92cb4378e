import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { defaultLimits } from '../limits.js';
import type { Limits } from '../sandbox.js';
import { SandboxBrokenError } from '../sandbox-errors.js';
import { type ControlGroup, createControlGroup } from './cgroup.js';
import { readMessages, sendMessage } from './channel.js';
import type { EventMessage, ExitMessage, HelperOptions, SetUpMessage, StartMessage } from './helper/protocol.js';
import { type OuterTree, outerArguments } from './outer.js';
import { askForScope, createScope, type Scope, type ScopeOffer } from './scope.js';

/** What a running script is heard through. */
export interface Listener {
  output(stream: 'stdout' | 'stderr', chunk: Buffer): void;
  event(event: EventMessage): void;
}

interface Running {
  id: number;
  listener: Listener;
  done(exit: ExitMessage): void;
  failed(error: Error): void;
}

const START_MS = 20_000;

/** Enters the control groups named before `--`, then becomes the program behind it. */
const ENTER = 'while [ "$1" != -- ]; do echo $$ > "$1"; shift; done; shift; exec "$@"';

const keepsBounds = (group: ControlGroup | null) => group?.keeps.tasks != null && group.keeps.memory != null;

let offer: Promise<ScopeOffer | null> | null = null;

/** A scope of the user's systemd, where that keeps a bound; asked for once a process. */
async function scopeOf(limits: Limits): Promise<Scope | null> {
  offer ??= askForScope(defaultLimits);
  const offered = await offer;
  return offered?.tasks || offered?.memory ? createScope(offered, limits) : null;
}

/** One outer sandbox with its helper. It runs one script at a time; a second one at the same time has its own. */
export class Session {
  private running: Running | null = null;
  private errors = '';
  private next = 1;
  private dead: Error | null = null;

  private constructor(
    private readonly child: ChildProcess,
    /** Sessions with the same key show the same tree. */
    readonly key: string,
    private readonly group: ControlGroup | null,
    private readonly scope: Scope | null,
  ) {
    child.stderr?.on('data', (chunk: Buffer) => {
      this.errors = (this.errors + chunk.toString('utf8')).slice(-4000);
    });
    child.stdin?.on('error', () => {});
    child.once('error', (error) => this.die(error.message));
    child.once('close', (code, signal) => {
      this.die(`ended with ${signal ?? code}`);
      group?.remove();
    });
  }

  /**
   * Starts the outer sandbox and waits for its helper.
   *
   * @throws SandboxBrokenError with what bubblewrap said.
   */
  static async start(
    tree: OuterTree,
    options: HelperOptions,
    key: string,
    decoys: SetUpMessage['decoys'],
    owner: { uid: number; gid: number } | null,
  ): Promise<Session> {
    const filter = openSync(tree.seccompProgram, 'r');
    const made = createControlGroup();
    const scope = owner === null && !keepsBounds(made) ? await scopeOf(tree.limits ?? defaultLimits) : null;
    // A group of ours that bounds nothing is not worth being outside of one that does.
    if (scope !== null) made?.remove();
    const group = scope === null ? made : null;
    const child = spawn(
      '/bin/sh',
      [
        ...['-c', ENTER, 'sh', ...(group?.entrances ?? []), '--'],
        ...(scope?.entering ?? []),
        ...(tree.layers?.mounting ?? []),
        ...[tree.starters.bwrap, ...outerArguments(tree, options)],
      ],
      {
        stdio: ['pipe', 'pipe', 'pipe', ...(tree.only === null ? [] : [filter])],
        env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
        cwd: '/',
        ...owner,
      },
    );
    closeSync(filter);
    const session = new Session(child, key, group, scope);
    await new Promise<void>((ready, failed) => {
      const timer = setTimeout(() => {
        session.die('did not start in time');
        failed(session.dead);
      }, START_MS);
      const settle = (error: Error | null) => {
        clearTimeout(timer);
        if (error) failed(error);
        else ready();
      };
      child.once('close', () => settle(session.dead));
      child.once('error', () => settle(session.dead));
      readMessages(
        child.stdout!,
        (message) => {
          if (message.type === 'ready') settle(null);
          else if (message.type === 'fatal') session.die(message.message);
          else if (message.type === 'output')
            session.at(message.id)?.listener.output(message.stream, Buffer.from(message.data, 'base64'));
          else if (message.type === 'event') session.at(message.id)?.listener.event(message);
          else session.ended(message);
        },
        (what) => session.die(what),
      );
    });
    sendMessage(child.stdin!, { type: 'set-up', decoys, bwrap: tree.starters.bwrap });
    return session;
  }

  get alive(): boolean {
    return this.dead === null;
  }

  /** Runs one script to its end. */
  run(
    message: Omit<StartMessage, 'type' | 'id'>,
    limits: Limits,
    listener: Listener,
  ): { id: number; exit: Promise<ExitMessage> } {
    const id = this.next++;
    this.group?.bound(limits);
    this.scope?.bound(limits);
    const exit = new Promise<ExitMessage>((done, failed) => {
      if (this.dead) return failed(this.dead);
      this.running = { id, listener, done, failed };
      sendMessage(this.child.stdin!, { type: 'start', id, ...message });
    });
    return { id, exit };
  }

  /** Signals the running script. */
  signal(id: number, signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void {
    if (this.dead === null) sendMessage(this.child.stdin!, { type: 'signal', id, signal });
  }

  /** Ends the sandbox and everything in it. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = new Promise<void>((done) => this.child.once('close', () => done()));
    this.group?.end();
    this.child.kill('SIGKILL');
    await closed;
  }

  private at(id: number): Running | null {
    return this.running?.id === id ? this.running : null;
  }

  private ended(exit: ExitMessage): void {
    const running = this.at(exit.id);
    this.running = null;
    running?.done(exit);
  }

  private die(what: string): void {
    if (this.dead !== null) return;
    const said = this.errors.trim();
    this.dead = new SandboxBrokenError(said === '' ? what : `${what}: ${said}`);
    this.child.kill('SIGKILL');
    this.running?.failed(this.dead);
    this.running = null;
  }
}
