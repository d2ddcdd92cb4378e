import { lineAt } from '../../line-at.js';
import type { Interpreter } from '../interpreter/interpreter.js';

/** What a text names, without looking at order or scope. */
const SINKS: readonly (readonly [string, string, RegExp])[] = [
  ['process.spawn', 'child_process', /\bchild_process\b|\b(?:execSync|spawnSync|execFileSync)\s*\(/],
  ['code.eval', 'eval', /\beval\s*\(|\bnew\s+Function\b|\bFunction\s*\(\s*['"`]|\.constructor\s*\(/],
  [
    'net.out',
    'request',
    /\bfetch\s*\(|\bhttps?['"]?\s*\)?\.(?:request|get)\b|\bXMLHttpRequest\b|\bsendBeacon\b|require\(\s*['"](?:node:)?https?['"]/,
  ],
  ['net.socket', 'net', /require\(\s*['"](?:node:)?(?:net|tls|dgram)['"]|\bnew\s+WebSocket\b/],
  ['fs.write', 'fs', /\b(?:writeFileSync|appendFileSync|createWriteStream)\s*\(/],
];
const SOURCES: readonly (readonly [string, RegExp])[] = [
  ['env.all', /JSON\.stringify\(\s*process\.env|Object\.(?:keys|entries|assign)\([^)]*process\.env|\.\.\.process\.env/],
  ['secret.file', /\.npmrc|\.ssh\/|id_rsa|\.aws\/|\.git-credentials|\.netrc/],
  ['identity.host', /\bhostname\s*\(\)|\buserInfo\s*\(\)/],
];

/** The cheap pass over a file whose analysis ended early: sinks and sources by their names, without a flow between them. */
export function insensitivePass(I: Interpreter, path: string): void {
  const code = I.loader.text(path);
  if (code === null || path.endsWith('.json')) return;
  const taints = SOURCES.flatMap(([source, pattern]) => {
    const found = pattern.exec(code);
    if (found === null) return [];
    const line = lineAt(code, found.index);
    return [
      {
        source,
        detail: found[0],
        file: path,
        line,
        through: [],
        steps: [{ role: 'source' as const, file: path, line, column: 0, note: found[0] }],
      },
    ];
  });
  for (const [sink, api, pattern] of SINKS) {
    const found = pattern.exec(code);
    if (found === null) continue;
    const line = lineAt(code, found.index);
    const step = {
      role: 'sink' as const,
      file: path,
      line,
      column: 0,
      note: `${found[0].slice(0, 60)} (named; the flow was not followed to the end)`,
    };
    I.observations.push({
      sink,
      api,
      target: null,
      language: 'javascript',
      args: [],
      taints,
      guards: [],
      entry: I.entry,
      unasked: I.unasked,
      resolved: false,
      file: path,
      line,
      column: 0,
      steps: [...taints.flatMap((taint) => taint.steps), step],
    });
  }
}
