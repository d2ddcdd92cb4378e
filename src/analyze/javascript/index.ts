/** The JavaScript front end: what code of a package does, as observations and facts that rules speak of. */

export { type Budget, DEFAULT_BUDGET } from './interpreter/budget.js';
export { FileReadings } from './modules/file-readings.js';
export { interpretPackage, interpretText, type JavaScriptResult } from './package-run.js';
export { isJavaScript } from './parsing/parse.js';
export { renderFrame } from './taint/slice.js';
export { loadTaintModels, TaintModelError, type TaintModels } from './taint/taint-models.js';
