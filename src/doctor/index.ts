export type { Check, DoctorReport, EscapeResult } from './check.js';
export { collectDoctor, type DoctorOptions } from './collect.js';
