export { applyRules, type Hit } from './apply.js';
export { hostOf } from './host.js';
export { loadRules, RuleFileError, type RuleSet, readRuleFile } from './load-rules.js';
export type { Evidence } from './match.js';
export { type Condition, type IndicatorList, indicatorSchema, type Rule, ruleSchema } from './schema.js';
