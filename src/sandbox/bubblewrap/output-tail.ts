const KEPT = 512 * 1024;

/** Keeps the end of what a script printed, and shows it as it comes where that is wanted. */
export class OutputTail {
  private chunks: Buffer[] = [];
  private bytes = 0;
  private dropped = 0;

  constructor(private readonly show: boolean) {}

  push(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    if (this.show) process[stream].write(chunk);
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    while (this.bytes - this.chunks[0]!.length > KEPT) {
      const first = this.chunks.shift()!;
      this.bytes -= first.length;
      this.dropped += first.length;
    }
  }

  /** The end of the output as text, with a note where its beginning is missing. */
  text(): string {
    const end = Buffer.concat(this.chunks).toString('utf8');
    return this.dropped === 0 ? end : `[${this.dropped} bytes before this are not kept]\n${end}`;
  }
}
