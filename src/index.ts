/**
 * safe-install as a library: the same road as the command line, with reports as values.
 *
 * @packageDocumentation
 */
export type { Policy } from './config/index.js';
export { policyFileSchema } from './config/policy/index.js';
export { EXIT, SafeInstallError } from './errors.js';
export type { Ask, Explanation, PendingReview, ProgressEvent, ReviewAnswer } from './install/index.js';
export { type CommonOptions, explain, install, type LibraryInstallOptions, scan } from './library/index.js';
export type * from './model.js';
export { htmlReport, jsonReport, markdownReport, reportSchema, sarifReport } from './report/index.js';
