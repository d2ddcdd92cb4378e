import type { TaintModels } from './javascript/index.js';
import type { JavaScriptFrontEnd } from './javascript-front-end.js';

/** The JavaScript front end as the worklist calls it. */
export function javascriptFrontEnd(_models: TaintModels): JavaScriptFrontEnd {
  return (_context, entries) => ({
    observations: [],
    facts: [],
    parsed: 0,
    reached: entries.map((entry) => entry.file),
  });
}
