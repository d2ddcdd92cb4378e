// The door to kept verdicts as files: export, import and shipping read and write them without the analyzer.
export { importedFile, openVerdictCache, segmentFile } from './verdict-cache.js';
export { currentVerdictKey } from './verdict-key.js';
export { isLasting, parseRecord, readSegment, recordKey, recordLine } from './verdict-record.js';
