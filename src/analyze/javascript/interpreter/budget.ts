/** Upper bounds of one package. */
export interface Budget {
  /** Evaluated nodes of all entries of one phase where code is obfuscated, and has to be run to be read. */
  steps: number;
  /** The same for plain code. */
  plainSteps: number;
  /** Slots of arrays, and eight bytes each of texts and buffers, that are made by copying; what is freed again counts too. */
  cells: number;
  /** Milliseconds for the whole package; never what decides: steps and cells end first, on a busy machine too. */
  ms: number;
  /** Bytes of one file that is parsed as a whole; larger ones are read around what matters. */
  fileBytes: number;
  /** Nested calls. */
  depth: number;
}

/** Bounds that fit packages as they are on the registry. */
export const DEFAULT_BUDGET: Budget = {
  steps: 4_000_000,
  plainSteps: 900_000,
  cells: 24_000_000,
  ms: 60_000,
  fileBytes: 1_000_000,
  depth: 100,
};

/** The budget of a piece of work is used up; never caught by a `try` of the sample. */
export class BudgetExceeded {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

/** What one abstract run has copied so far: a step may copy a long array, so steps alone do not bound memory. */
export class MemoryAccount {
  private left: number;

  constructor(cells: number) {
    this.left = cells;
  }

  /** To be called before something is copied. @param cells slots of an array @throws BudgetExceeded */
  charge(cells: number): void {
    this.left -= cells;
    if (this.left < 0) throw new BudgetExceeded('memory');
  }

  /** The same for bytes of a buffer or characters of a text. @throws BudgetExceeded */
  chargeBytes(bytes: number): void {
    this.charge(bytes >>> 3);
  }
}
