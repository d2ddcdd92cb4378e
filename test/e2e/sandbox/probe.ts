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

/** One row of controls.yaml. Exactly one of `sh`, `node`, `python` is given. */
export interface Control {
  name: string;
  sh?: string;
  node?: string;
  python?: string;
  /** Program of the machine without which it cannot be tried. */
  needs?: string;
  /** Needs the headers beside Node. */
  headers?: boolean;
  /** Packages of this repository to copy into the project. */
  copy?: string[];
  /** Package whose script it is; `subject` by default. */
  in?: string;
  after?: string;
}

/** What came of one control. */
export interface ControlResult {
  name: string;
  area: 'control';
  /** `missing` where the machine lacks what it needs. */
  outcome: 'ok' | 'failed' | 'missing';
  exitCode: number | null;
  output: string;
  ms: number;
}

/** What came of one probe, raw and confined. */
export interface ProbeResult {
  name: string;
  area: Probe['area'];
  /** True where the attempt succeeded. */
  raw: boolean;
  confined: boolean;
  /** The same in another sandbox, where one is compared; null where the probe could not start in it. */
  other?: boolean | null;
  rawOutput: string;
  confinedOutput: string;
  /** `class action target` of what the sandbox reported. */
  events: string[];
}
