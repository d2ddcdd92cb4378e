import type { Fact } from '../observation.js';
import { archiveFact, type PackageFiles, type ReadLimits } from '../package-files.js';

/** Gathers entries into a `PackageFiles`, keeping every content of a path that occurs more than once. */
export class FileCollector {
  readonly #limits: ReadLimits;
  readonly #result: PackageFiles;
  readonly #folded = new Map<string, string>();
  readonly #reported = new Set<string>();
  full = false;

  constructor(limits: ReadLimits) {
    this.#limits = limits;
    this.#result = {
      files: new Map(),
      variants: new Map(),
      modes: new Map(),
      plain: true,
      problems: [],
      integrity: null,
      bytes: 0,
      entries: 0,
    };
  }

  /** Counts an entry before its bytes are read; false when the limits are reached. */
  admit(size: number, path: string): boolean {
    if (this.full) return false;
    this.#result.entries += 1;
    if (this.#result.entries > this.#limits.entries) {
      this.stop('limit.entries', `more than ${this.#limits.entries} entries`, path);
    } else if (this.#result.bytes + size > this.#limits.bytes) {
      this.stop('limit.bytes', `more than ${this.#limits.bytes} bytes unpacked`, path);
    }
    return !this.full;
  }

  add(path: string, content: Uint8Array, mode: number): void {
    const { files, variants, modes } = this.#result;
    const before = files.get(path);
    if (before !== undefined && !sameBytes(before, content)) {
      variants.set(path, [...(variants.get(path) ?? []), before]);
      this.problem('archive.duplicate', 'the archive holds this path more than once, with different contents', path);
    }
    const folded = path.toLowerCase();
    const twin = this.#folded.get(folded);
    if (twin !== undefined && twin !== path && !sameBytes(files.get(twin) ?? content, content)) {
      this.problem(
        'archive.case-duplicate',
        `differs from ${twin} only by case: on some systems one replaces the other`,
        path,
      );
    }
    this.#folded.set(folded, path);
    files.set(path, content);
    // A second entry writes into the first one's file, and leaves its mode.
    if (before === undefined) modes.set(path, mode);
    this.#result.bytes += content.byteLength;
  }

  /** Something that npm's extraction has a rule of its own for. */
  notPlain(): void {
    this.#result.plain = false;
  }

  problem(id: string, detail: string, path: string): void {
    // Of contents for one path the last wins, here as there.
    if (id !== 'archive.duplicate') this.notPlain();
    const key = `${id}\0${path}`;
    if (this.#reported.size >= 200 || this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#result.problems.push(archiveFact(id, detail, path));
  }

  stop(id: string, detail: string, path: string): void {
    this.full = true;
    this.problem(id, detail, path);
  }

  finish(integrity: string | null, more: Fact[] = []): PackageFiles {
    this.#result.problems.push(...more);
    return { ...this.#result, integrity };
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0;
}
