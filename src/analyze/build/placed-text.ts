import type { TextPlace } from '../task.js';

/** A script that is put together of lines from several files, each with the place that it comes from. */
export class PlacedText {
  readonly #lines: string[] = [];
  readonly places: TextPlace[] = [];
  #length = 0;

  add(text: string, file: string, line: number): void {
    this.places.push({ at: this.#length, file, line });
    this.#lines.push(text);
    this.#length += text.length + 1;
  }

  get text(): string {
    return this.#lines.join('\n');
  }
}
