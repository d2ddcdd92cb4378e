import type { Session } from './session.js';

interface Waiting {
  key: string;
  take(session: Session | null): void;
}

/**
 * Hands out outer sandboxes: at most `most` at a time, each to one script at a time, kept for the next script that needs
 * the same tree.
 */
export class Sessions {
  private readonly idle: Session[] = [];
  private readonly all = new Set<Session>();
  private readonly waiting: Waiting[] = [];
  private starting = 0;
  private warming: { key: string; done: Promise<void> } | null = null;

  constructor(
    private readonly most: number,
    private readonly start: (key: string) => Promise<Session>,
  ) {}

  /** Starts a sandbox with that tree for whoever comes first; a failure is left for them to meet again. */
  async warmUp(key: string): Promise<void> {
    if (this.warming !== null || this.all.size + this.starting > 0) return;
    this.warming = {
      key,
      done: this.begin(key).then(
        (session) => this.release(session),
        () => {},
      ),
    };
    await this.warming.done;
    this.warming = null;
  }

  /** Waits for a sandbox with that tree. */
  async acquire(key: string): Promise<Session> {
    if (this.warming?.key === key) await this.warming.done;
    const fitting = this.idle.findIndex((session) => session.key === key && session.alive);
    if (fitting >= 0) return this.idle.splice(fitting, 1)[0]!;
    if (this.all.size + this.starting >= this.most) {
      const other = this.idle.shift();
      if (other !== undefined) await this.end(other);
      else {
        const given = await new Promise<Session | null>((take) => this.waiting.push({ key, take }));
        if (given !== null) return given;
        return this.acquire(key);
      }
    }
    return this.begin(key);
  }

  private async begin(key: string): Promise<Session> {
    this.starting += 1;
    try {
      const session = await this.start(key);
      this.all.add(session);
      this.starting -= 1;
      return session;
    } catch (error) {
      this.starting -= 1;
      // Its place is free again: whoever waits for one tries for themselves.
      this.waiting.shift()?.take(null);
      throw error;
    }
  }

  /** Gives a sandbox back; a dead one is forgotten. */
  async release(session: Session): Promise<void> {
    if (!session.alive) {
      await this.end(session);
      this.waiting.shift()?.take(null);
      return;
    }
    const same = this.waiting.findIndex(({ key }) => key === session.key);
    if (same >= 0) return this.waiting.splice(same, 1)[0]!.take(session);
    this.idle.push(session);
    this.waiting.shift()?.take(null);
  }

  /** Ends all sandboxes and everything in them. */
  async close(): Promise<void> {
    await this.warming?.done;
    await Promise.all([...this.all].map((session) => this.end(session)));
    for (const { take } of this.waiting.splice(0)) take(null);
  }

  private async end(session: Session): Promise<void> {
    this.all.delete(session);
    const at = this.idle.indexOf(session);
    if (at >= 0) this.idle.splice(at, 1);
    await session.close();
  }
}
