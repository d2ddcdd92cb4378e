import { describe, expect, it } from 'vitest';
import {
  errorLines,
  githubAnnotations,
  htmlReport,
  jsonReport,
  markdownReport,
  reportSchema,
  sarifReport,
  summaryLines,
} from '../../src/report/index.js';
import { isHidden } from '../../src/report/visible.js';
import { HOSTILE, sampleReport } from './sample.js';

const look = { color: false, columns: 80 };
const hostile = sampleReport(HOSTILE);

const reporters: Record<string, () => string> = {
  terminal: () => summaryLines(hostile, look, 'verbose').join('\n'),
  error: () => errorLines(hostile.error!, look).join('\n'),
  json: () => jsonReport(hostile),
  sarif: () => sarifReport(hostile),
  markdown: () => markdownReport(hostile),
  github: () => githubAnnotations(hostile),
  html: () => htmlReport(hostile),
};

describe('every reporter', () => {
  it.each(Object.keys(reporters))('%s lets no hidden or control character of a package through', (name) => {
    // the word joiner after @ is Markdown's own, against mentions
    const text = reporters[name]!().replaceAll('@\u2060', '@');
    const bad = [...text].filter((c) => c !== '\n' && c !== '\t' && isHidden(c.codePointAt(0)!));
    expect(bad).toEqual([]);
  });

  it.each(['terminal', 'error', 'json', 'github'])('%s starts no line with a workflow command of a package', (name) => {
    const lines = reporters[name]!().split('\n');
    const own = (line: string) => name === 'github' && /^::(error|warning) (file|title)=/.test(line);
    expect(lines.filter((line) => /^\s*::/.test(line) && !own(line))).toEqual([]);
  });
});

describe('terminal summary', () => {
  it('shows flagged packages with slices, failed scripts and denials, but not quiet packages', () => {
    const text = summaryLines(sampleReport(''), look).join('\n');
    expect(text).toContain('block bad@1.0.0 score 92 ← (project)');
    expect(text).toContain("  │ > 12 | const t = read('.npmrc')");
    expect(text).toContain('only if: CI');
    expect(text).toContain('script failed native@1.0.0 install: node build.js');
    expect(text).toContain('denied network files.example:443 by native@1.0.0 install');
    expect(text).toContain(
      'scanned 2 packages (1 from cache) · ran 1 script in the sandbox (full) · denied 1 connection',
    );
    expect(text).not.toContain('good@1.0.0');
  });

  it('tells of each rule the heaviest place, three at most, and where the rest is', () => {
    const report = sampleReport('');
    const [finding] = report.packages[0]!.findings;
    const of = (rule: string, weight: number, line: number) => ({ ...finding!, rule, weight, line });
    report.packages[0]!.findings = [of('a', 20, 1), of('b', 60, 2), of('b', 70, 3), of('c', 30, 4), of('d', 40, 5)];
    const told = (detail: 'normal' | 'verbose') =>
      summaryLines(report, look, detail).filter((line) => /^ {2}critical|explain/.test(line));
    expect(told('normal').map((line) => line.replace(/ at install, lib\/index\.js/, ''))).toEqual([
      '  critical b:3',
      '  critical d:5',
      '  critical c:4',
      '  and 2 lighter findings: safe-install explain bad@1.0.0',
    ]);
    expect(told('verbose')).toHaveLength(5);
  });

  it.each([
    [{ added: 3, removed: 0, changed: 0 }, 'added 3 packages in 1.2s'],
    [{ added: 1, removed: 2, changed: 0 }, 'added 1 package, and removed 2 packages in 1.2s'],
    [{ added: 1, removed: 2, changed: 1 }, 'added 1 package, removed 2 packages, and changed 1 package in 1.2s'],
    [{ added: 0, removed: 0, changed: 0 }, 'up to date in 1.2s'],
  ])('ends with npm’s line for %j', (changes, line) => {
    const report = sampleReport('', { changes, error: null, exitCode: 0 });
    expect(summaryLines(report, look).at(-1)).toBe(line);
  });

  it('cuts long frame lines at the terminal’s width', () => {
    const lines = summaryLines(sampleReport('y'.repeat(300)), look);
    const frames = lines.filter((line) => line.startsWith('  │ ') && line.includes('const t'));
    expect(frames.map((line) => line.length)).toEqual([80]);
  });
});

describe('JSON report', () => {
  it('is one object that its schema accepts, and nothing is lost by escaping', () => {
    const parsed: unknown = JSON.parse(jsonReport(hostile));
    expect(reportSchema.parse(parsed)).toEqual(hostile);
  });

  it('refuses to print what its schema does not know', () => {
    expect(() => jsonReport(sampleReport('', { exitCode: 'ten' as never }))).toThrow();
  });
});

describe('SARIF report', () => {
  const log = JSON.parse(sarifReport(sampleReport('')));

  it('has one result a finding, with level, place, code flow and fingerprint', () => {
    expect(log.version).toBe('2.1.0');
    const [run] = log.runs;
    expect(run.tool.driver).toMatchObject({ name: 'safe-install', semanticVersion: '1.2.3' });
    expect(run.results).toHaveLength(1);
    const [result] = run.results;
    expect(result).toMatchObject({ ruleId: 'secret-file-exfiltration', level: 'error' });
    expect(result.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'node_modules/bad/lib/index.js', uriBaseId: 'PROJECT' },
      region: { startLine: 12 },
    });
    expect(result.codeFlows[0].threadFlows[0].locations).toHaveLength(2);
    expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(['secret-file-exfiltration']);
  });

  it('never points outside of the project', () => {
    const report = sampleReport('');
    report.packages[0]!.findings[0]!.file = '../../../../etc/passwd';
    const uri = JSON.parse(sarifReport(report)).runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri;
    expect(uri).toBe('node_modules/bad/etc/passwd');
  });
});

describe('Markdown report', () => {
  it('turns no text of a package into markup, links or mentions', () => {
    const text = markdownReport(sampleReport('<img src=x> [a](javascript:1) @team #12 ``` |x|'));
    const outsideCode = text
      .replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '')
      .replace(/(?<!`)(`+)(?!`)(?:[^\n]*?[^`])\1(?!`)/g, '');
    expect(outsideCode).toContain('Reads');
    expect(outsideCode).not.toMatch(/<img|\]\(javascript|@team|(?<!\\)#12/);
  });

  it('closes a fence only at its end', () => {
    const lines = markdownReport(sampleReport('\n```\n# pwned')).split('\n');
    const start = lines.findIndex((line) => /^`+text$/.test(line));
    const fence = lines[start]!.replace('text', '');
    const end = lines.indexOf(fence, start);
    expect(fence.length).toBeGreaterThan(3);
    expect(lines.slice(start, end)).toContain('# pwned');
  });
});

describe('GitHub annotations', () => {
  it('escapes properties and messages, so that one finding is one line', () => {
    const lines = githubAnnotations(sampleReport('a,b:c\n::error::x')).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^::error file=node_modules\/bada%2Cb%3Ac%0A%3A%3Aerror%3A%3Ax\/lib\/index/);
  });
});

describe('HTML report', () => {
  it('escapes every text of a package and forbids scripts and requests', () => {
    const text = htmlReport(hostile);
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('&#60;script&#62;alert');
    expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'`);
    expect(text).not.toMatch(/\s(src|href|on[a-z]+)=/);
  });
});
