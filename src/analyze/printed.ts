import type { Observation, Taint } from './observation.js';

const WORTH_FOLLOWING = /^(?:net\.response|dns\.response|secret|env\.all|cloud|wallet|input|identity)/;
const TAKES_IT_FURTHER = /^(?:net|dns|mail|code|process|console|fs\.write)/;
const MOST_GENERATIONS = 4;

/** The key under which a child process finds who started it, and by which command: wrappers start many at one place. */
export function startedAtOf({ file, line, target }: Pick<Observation, 'file' | 'line' | 'target'>): string {
  return `${file}:${line} ${plainly(target ?? '')}`;
}

/** A command without the folder of the package, as every front end would show it. */
function plainly(command: string): string {
  return command.replace(/\/project\/node_modules\/(?:@[^/\s]+\/)?[^/\s]+\/|\/project\/|\$PROJECT\/|\.\//g, '');
}

/** What a child of the package prints is what its parent reads: the answer of a host, a secret, the name of the machine. */
export function followPrinted(observations: readonly Observation[]): void {
  for (let generation = 0; generation < MOST_GENERATIONS; generation++) {
    const printed = printedBy(observations);
    if (printed.size === 0) return;
    let isNew = false;
    for (const seen of observations) {
      if (!TAKES_IT_FURTHER.test(seen.sink)) continue;
      for (const output of seen.taints.filter(({ source }) => source === 'process.output'))
        for (const taint of printedFor(output, printed)) isNew = carry(seen, taint, output) || isNew;
    }
    if (!isNew) return;
  }
}

/** What the children print that a taint of an output may come from: those of its place whose command begins as it says. */
function printedFor({ file, line, detail }: Taint, printed: ReadonlyMap<string, Taint[]>): Taint[] {
  const start = `${file}:${line} ${plainly(detail)}`;
  return [...printed].flatMap(([startedAt, taints]) => (startedAt.startsWith(start) ? taints : []));
}

function printedBy(observations: readonly Observation[]): Map<string, Taint[]> {
  const printed = new Map<string, Taint[]>();
  for (const seen of observations) {
    const { startedAt } = seen.entry;
    if (startedAt === undefined) continue;
    const carried = seen.sink === 'console.out' ? seen.taints.filter(({ source }) => WORTH_FOLLOWING.test(source)) : [];
    const answer = answerOf(seen);
    if (answer !== null) carried.push(answer);
    if (carried.length > 0) printed.set(startedAt, [...(printed.get(startedAt) ?? []), ...carried]);
  }
  return printed;
}

/** What other languages print is not known: a child that asks a host may print the answer. */
function answerOf({ sink, language, target, file, line, steps }: Observation): Taint | null {
  if (sink !== 'net.out' || !/^(?:python|script|powershell)$/.test(language) || target === null) return null;
  return { source: 'net.response', detail: target, file, line, through: [], steps };
}

/** Adds a taint that came by a child's output, once. */
function carry(seen: Observation, taint: Taint, output: Taint): boolean {
  if (seen.taints.some(({ source, detail }) => source === taint.source && detail === taint.detail)) return false;
  const through = [...new Set([...taint.through, ...output.through])];
  seen.taints.push({ ...taint, through, steps: [...taint.steps, ...output.steps] });
  return true;
}
