export { jsonReport, reportSchema, safeJson } from './json.js';
export { explanationLines } from './terminal/explanation.js';
export { findingLines, frameLines } from './terminal/finding.js';
export { count, duration, type Look } from './terminal/paint.js';
export { createProgress, type Progress } from './terminal/progress.js';
export { type Detail, npmLine, packageLines, summaryLines } from './terminal/summary.js';
export { plainOutput, visible, visibleLines } from './visible.js';
