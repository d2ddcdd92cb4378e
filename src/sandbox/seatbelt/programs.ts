/** Where macOS keeps the program that applies a profile. */
export const SANDBOX_EXEC = '/usr/bin/sandbox-exec';

/** The two programs of macOS that the seatbelt needs. */
export interface SeatbeltPrograms {
  sandboxExec: string;
  log: string;
}

export const MAC_PROGRAMS: SeatbeltPrograms = { sandboxExec: SANDBOX_EXEC, log: '/usr/bin/log' };
