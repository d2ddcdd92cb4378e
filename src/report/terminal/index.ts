// The door to what a terminal gets: an install without --json loads nothing else of this room.
export { errorLines } from './error.js';
export { createProgress, type Progress } from './progress.js';
export { type Detail, summaryLines } from './summary.js';
