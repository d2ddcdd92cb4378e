/** The process's outside as commands see it; tests put in their own. */
export interface Terminal {
  /** Results: what a person or program asked for. */
  out(text: string): void;
  /** Everything else: progress, warnings, errors. */
  err(text: string): void;
  /** True where stderr is a terminal that can redraw a line. */
  live: boolean;
  /** True where a person can be asked: stdin and stderr are terminals and this is no CI. */
  interactive: boolean;
  columns: number;
  color: { out: boolean; err: boolean };
}

/** The real terminal of this process. */
export function processTerminal(env: Record<string, string | undefined>): Terminal {
  const { stdin, stdout, stderr } = process;
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const ci = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false' && env['CI'] !== '0';
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    live: stderr.isTTY === true && !ci && env['TERM'] !== 'dumb',
    interactive: stdin.isTTY === true && stderr.isTTY === true && !ci,
    columns: stderr.columns ?? stdout.columns ?? 80,
    color: { out: wantsColor(env, stdout.isTTY === true), err: wantsColor(env, stderr.isTTY === true) },
  };
}

/** Colour by the common rules: NO_COLOR wins, then FORCE_COLOR, then whether the stream is a terminal. */
export function wantsColor(env: Record<string, string | undefined>, isTTY: boolean): boolean {
  if (env['NO_COLOR']) return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return isTTY && env['TERM'] !== 'dumb';
}
