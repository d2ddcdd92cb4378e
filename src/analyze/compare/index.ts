export { compareVerdicts, type VerdictComparison } from './compare-verdicts.js';
export { gainsFromComparison, NEW_SINCE, type VersionSeen, weighAgainst } from './weigh-against.js';
