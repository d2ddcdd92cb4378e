export { loadTaintModels, type TaintModels } from './taint-models.js';
