/**
 * How long a text may be that a pattern of the sample is tried on. The pattern's own structure decides: repetition under
 * repetition may take exponential time, n neighbouring repetitions of overlapping characters take time of degree n + 1.
 */
export function longestInput(source: string): number {
  const shape = read(source);
  if (shape === null || shape.exponential) return 20;
  if (shape.degree === 0) return 300_000;
  if (shape.degree === 1) return shape.onlyAtEnd ? 300_000 : 20_000;
  return [800, 200, 80, 40][shape.degree - 2] ?? 20;
}

const LONGEST = 20_000;
const MOST_TRIES = 20_000_000;

/** Whether the pattern may be tried on a longer text because what it repeats stands there in short runs only. */
export function hasShortRuns(source: string, input: string): boolean {
  const shape = read(source);
  if (shape === null || shape.exponential || shape.repeated === null || input.length > LONGEST) return false;
  let [longest, run] = [0, 0];
  for (let at = 0; at < input.length; at++) {
    const code = input.charCodeAt(at);
    run = code > 127 || shape.repeated[code] === 1 ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return input.length * (longest + 1) ** shape.degree <= MOST_TRIES;
}

interface Atom {
  /** Which of the ASCII characters it matches; null: all. */
  set: Uint8Array | null;
  repeats: boolean;
  optional: boolean;
}

interface Shape {
  exponential: boolean;
  degree: number;
  /** Every character that is repeated somewhere; null: any. */
  repeated: Uint8Array | null;
  onlyAtEnd: boolean;
}

function read(source: string): Shape | null {
  const atoms: Atom[] = [];
  const groups: { from: number; inner: boolean }[] = [];
  let exponential = false;
  for (let at = 0; at < source.length; ) {
    const char = source[at] as string;
    if (char === '(') {
      if (/^\(\?<?[=!]/.test(source.slice(at, at + 4))) exponential = true;
      groups.push({ from: atoms.length, inner: false });
      at += /^\(\?(?::|<[=!]|[=!]|<[^>]*>)/.exec(source.slice(at))?.[0].length ?? 1;
      continue;
    }
    if (char === '|') {
      for (const group of groups) group.inner = true;
      at++;
      continue;
    }
    if (char === '^' || char === '$') {
      at++;
      continue;
    }
    let text: string;
    let closed: { from: number; inner: boolean } | null = null;
    if (char === ')') {
      closed = groups.pop() ?? null;
      if (closed === null) return null;
      text = ')';
    } else if (char === '[') {
      const end = endOfClass(source, at);
      if (end < 0) return null;
      text = source.slice(at, end + 1);
    } else if (char === '\\') {
      if (/[1-9k]/.test(source[at + 1] ?? '')) exponential = true;
      text = /^\\(?:u\{[^}]*\}|u[0-9a-f]{4}|x[0-9a-f]{2}|[pP]\{[^}]*\}|.)/is.exec(source.slice(at))?.[0] ?? char;
    } else text = char;
    at += text.length;
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(source.slice(at))?.[0] ?? '';
    at += quantifier.length;
    const repeats = quantifier !== '' && !quantifier.startsWith('?');
    const optional = /^[*?]|^\{0/.test(quantifier);
    if (closed !== null) {
      const inside = atoms.slice(closed.from);
      if (repeats && (closed.inner || inside.some((atom) => atom.repeats))) exponential = true;
      if (repeats) atoms.splice(closed.from, inside.length, { set: union(inside), repeats, optional });
      else if (optional) for (const atom of inside) atom.optional = true;
    } else if (text !== '\\b' && text !== '\\B') atoms.push({ set: setOf(text), repeats, optional });
    if (atoms.length > 400) return null;
  }
  const repeating = atoms.filter((atom) => atom.repeats);
  return {
    exponential,
    degree: degreeOf(atoms),
    repeated: union(repeating),
    onlyAtEnd: repeating.length === 1 && atoms[atoms.length - 1]?.repeats === true && !source.endsWith('$'),
  };
}

function endOfClass(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === ']') return at;
  }
  return -1;
}

function setOf(text: string): Uint8Array | null {
  try {
    const one = new RegExp(`^${text}$`, 's');
    return Uint8Array.from({ length: 128 }, (_, code) => (one.test(String.fromCharCode(code)) ? 1 : 0));
  } catch {
    return null;
  }
}

function union(atoms: readonly Atom[]): Uint8Array | null {
  const out = new Uint8Array(128);
  for (const atom of atoms) {
    if (atom.set === null) return null;
    for (let code = 0; code < 128; code++) out[code] = (out[code] as number) | (atom.set[code] as number);
  }
  return out;
}

/** The longest run of repeated atoms that share a character, with nothing between that must match another one. */
function degreeOf(atoms: readonly Atom[]): number {
  let most = 0;
  for (let code = 0; code < 128; code++) {
    let run = 0;
    for (const atom of atoms) {
      const matches = atom.set === null || atom.set[code] === 1;
      if (matches && atom.repeats) run++;
      else if (!matches && !atom.optional) run = 0;
      if (run > most) most = run;
    }
  }
  return most;
}
