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

  constructor(
    private readonly most: number,
    private readonly start: (key: string) => Promise<Session>,
  ) {}

  /** Waits for a sandbox with that tree. */
  async acquire(key: string): Promise<Session> {
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
    this.starting += 1;
    try {
      const session = await this.start(key);
      this.all.add(session);
      return session;
    } finally {
      this.starting -= 1;
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
