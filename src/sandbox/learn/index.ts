export type { Lesson, Proposal, Wish } from './lesson.js';
export { proposeGrant } from './propose.js';
export { variablesOfRun } from './variables.js';
