import { truth, type Value } from '../interpreter/value.js';
import { type Flow, joinTaints, renamed, type Taints } from './taint.js';

/** Truthy where the user's project has a setting that few have; `ABSENT` where it has not. */
const PRESENT = 'mark.setting';
const ABSENT = 'mark.no-setting';
/** Below a field that every package.json has, nothing is a setting. */
const COMMON = 'mark.common-field';

// Fields of npm and of tools that many projects use: whoever asks for one of these asks for nearly everybody.
const COMMON_FIELDS = new Set(
  `name version description keywords homepage bugs license author contributors maintainers funding files main module browser types typings
  exports imports bin man directories repository scripts config dependencies devDependencies peerDependencies peerDependenciesMeta
  optionalDependencies bundleDependencies bundledDependencies overrides resolutions engines os cpu libc private publishConfig workspaces
  type sideEffects packageManager volta pnpm yarn babel browserslist eslintConfig eslintIgnore prettier jest husky lint-staged ava mocha
  nyc c8 tap xo standard stylelint commitlint release postcss tsup np unpkg jsdelivr source style sass proxy homepageUrl build gitHooks
  simple-git-hooks ts-node nodemonConfig renovate nx electronmon _id _from _resolved _integrity length toString`.split(
    /\s+/,
  ),
);

/** The taints of a field read from the project's package.json, marked where the field is a setting of its own. */
export function withSetting(taints: Taints, key: string): Taints {
  const manifest = taints?.find(
    (flow) => flow.source === 'file.other' && flow.detail === '$PROJECT/package.json' && flow.through[0] === 'json',
  );
  if (manifest === undefined || taints?.some(({ source }) => source === PRESENT || source === COMMON)) return taints;
  const source = COMMON_FIELDS.has(key) ? COMMON : PRESENT;
  return joinTaints(taints, [renamed(manifest, source, key)]);
}

/** The taints of `!value`. */
export function inverted(taints: Taints): Taints {
  if (taints === null || !taints.some(isMark)) return taints;
  return taints.map((flow) => {
    const source = flow.source === PRESENT ? ABSENT : flow.source === ABSENT ? PRESENT : flow.source;
    return source === flow.source ? flow : renamed(flow, source, flow.detail);
  });
}

/** The taints of a comparison: equal to something that is not empty says that the setting is there; nothing else does. */
export function compared(operator: string, left: Value, right: Value, taints: Taints): Taints {
  if (taints === null || !taints.some(isMark)) return taints;
  const other = left.taints?.some(isMark) ? right : left;
  const wanted = (operator === '===' || operator === '==') && other.kind === 'prim' && truth(other) === true;
  return wanted ? taints : withoutMark(taints);
}

/** The same taints, saying nothing of settings any more. */
export function withoutMark(taints: Taints): Taints {
  const left = taints?.filter((flow) => !isMark(flow)) ?? [];
  return left.length === 0 ? null : left;
}

/** Whether the value is truthy only where a setting is there, or only where it is not. */
export function settingOf(test: Value): 'opt-in' | 'no-opt-in' | null {
  if (!test.taints?.some(isMark)) return null;
  const ways = test.kind === 'union' ? test.alternatives.filter((each) => truth(each) !== false) : [test];
  const every = (source: string): boolean => ways.every(({ taints }) => taints?.some((flow) => flow.source === source));
  return every(PRESENT) ? 'opt-in' : every(ABSENT) ? 'no-opt-in' : null;
}

/** Whether a value is known to be falsy, or truthy only with a setting. */
export function addsNothing(value: Value): boolean {
  return truth(value) === false || settingOf(value) === 'opt-in';
}

function isMark({ source }: Flow): boolean {
  return source === PRESENT || source === ABSENT;
}
