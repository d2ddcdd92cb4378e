import { interpretPackage, type TaintModels } from './javascript/index.js';
import type { JavaScriptFrontEnd } from './javascript-front-end.js';

/** The JavaScript front end as the worklist calls it: one map of files for all rounds, so that what was parsed stays parsed. */
export function javascriptFrontEnd(models: TaintModels): JavaScriptFrontEnd {
  let files: Map<string, Uint8Array | string> | null = null;
  return (context, entries, virtualFiles) => {
    files ??= new Map<string, Uint8Array | string>(context.files.files);
    for (const [name, text] of virtualFiles) files.set(name, text);
    const result = interpretPackage({ files, manifest: context.manifest.raw, entries }, models);
    for (const [name, text] of result.virtual) virtualFiles.set(name, text);
    const { observations, facts, parsed, reached } = result;
    return { observations, facts, parsed: parsed.length, reached: [...reached.keys()] };
  };
}
