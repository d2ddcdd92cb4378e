/** One row of probes.yaml. Exactly one of `sh`, `node`, `python` is given. */
export interface Probe {
  name: string;
  area: 'secrets' | 'writes' | 'network' | 'processes' | 'kernel';
  as?: 'root';
  /** Needs the terminal that the runner has. */
  pty?: boolean;
  sh?: string;
  node?: string;
  python?: string;
  after?: string;
  undo?: string;
}

/** What came of one probe, raw and confined. */
export interface ProbeResult {
  name: string;
  area: Probe['area'];
  /** True where the attempt succeeded. */
  raw: boolean;
  confined: boolean;
  rawOutput: string;
  confinedOutput: string;
  /** `class action target` of what the sandbox reported. */
  events: string[];
}
