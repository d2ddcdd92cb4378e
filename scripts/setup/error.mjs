/** Something that set-up cannot mend by itself: what is wrong, and the lines a person should type. */
export class SetupError extends Error {
  constructor(message, next = []) {
    super(message);
    this.next = next;
  }
}
