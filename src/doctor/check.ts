/** What one look at the machine found. */
export interface Check {
  /** Stable name, e.g. `user-namespaces`. */
  id: string;
  title: string;
  /** `warning`: works, with less. `failure`: scripts cannot be confined, or nothing can be installed. */
  status: 'ok' | 'warning' | 'failure';
  /** What was found, in words. */
  found: string;
  /** What to type or change; empty where nothing is to be done. */
  remedies: string[];
}

/** One harmless attempt to leave the sandbox. */
export interface EscapeResult {
  id: string;
  title: string;
  /** True where the sandbox held. */
  held: boolean;
  /** What the attempt got, or what stopped it. */
  detail: string;
}

/** Everything that `safe-install doctor` shows. */
export interface DoctorReport {
  schema: 1;
  platform: { os: string; release: string; arch: string; node: string };
  /** Step of the ladder that scripts get here; `none` where they do not run. */
  level: 'full' | 'basic' | 'seatbelt' | 'none';
  checks: Check[];
  /** Empty where there is no sandbox to test. */
  escapes: EscapeResult[];
}
