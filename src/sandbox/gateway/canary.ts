/** A planted credential of the decoy HOME: whoever sends it has read the decoy. */
export interface Canary {
  /** Random text that occurs nowhere else; at least 12 characters. */
  value: string;
  /** Where it was planted, e.g. `~/.npmrc`. */
  planted: string;
}

/** Work one search may do, in characters looked at; requests are far smaller, bombs of nested encodings are not. */
const BUDGET = 2_000_000;
const DEPTH = 3;

/**
 * Finds a canary in outgoing text: as it is, percent-encoded, in base64 (both alphabets, any alignment), in hex,
 * reversed, cut up by dots or slashes as in a host name or path, and in nestings of these.
 */
export function findCanary(text: string, canaries: readonly Canary[]): Canary | null {
  if (canaries.length === 0) return null;
  const needles = canaries.map((canary) => ({
    canary,
    plain: canary.value.toLowerCase(),
    joined: joined(canary.value),
    backwards: [...joined(canary.value)].reverse().join(''),
  }));
  let budget = BUDGET;
  const search = (candidate: string, depth: number): Canary | null => {
    budget -= candidate.length;
    if (budget < 0) return null;
    const lower = candidate.toLowerCase();
    const tight = joined(candidate);
    for (const { canary, plain, joined: whole, backwards } of needles) {
      if (lower.includes(plain) || tight.includes(whole) || tight.includes(backwards)) return canary;
    }
    if (depth === 0) return null;
    for (const decoded of decodings(candidate)) {
      const found = search(decoded, depth - 1);
      if (found) return found;
    }
    return null;
  };
  return search(text, DEPTH);
}

function joined(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9+=]/g, '');
}

/** Everything that the text may decode to, each worth a search of its own. */
function* decodings(text: string): Generator<string> {
  if (text.includes('%'))
    yield text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  for (const [run] of text.matchAll(/[0-9a-f]{24,}/gi)) {
    yield Buffer.from(run, 'hex').toString('latin1');
    yield Buffer.from(run.slice(1), 'hex').toString('latin1');
  }
  for (const [run] of text.matchAll(/[a-z0-9+/_-]{16,}/gi)) {
    for (let offset = 0; offset < 4; offset++) yield Buffer.from(run.slice(offset), 'base64').toString('latin1');
  }
  const parts = text.split(/[./]/);
  if (parts.length > 2 && !/\s/.test(text)) yield parts.join('');
}
