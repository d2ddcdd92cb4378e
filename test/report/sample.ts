import type { InstallReport, ReportedPackage } from '../../src/model.js';

/** Text that a hostile package may put anywhere: ANSI, bidi, zero width, line ends, markup, workflow commands. */
export const HOSTILE =
  '\u001b[2K\u001b[31mx\u0007\u202eevil\u200b\r\n::error::pwned\u2028<script>alert(1)</script>[a](http://b.invalid)`\u{e0041}|';

/** A report with one flagged and one quiet package, one script, one denied connection. */
export function sampleReport(text = 'plain', changes: Partial<InstallReport> = {}): InstallReport {
  return {
    schema: 1,
    tool: 'safe-install 1.2.3',
    command: 'install',
    exitCode: 10,
    dryRun: false,
    packages: [flaggedPackage(text), quietPackage()],
    changes: { added: 0, removed: 0, changed: 0 },
    scripts: [
      {
        package: `native@1.0.0${text}`,
        location: 'node_modules/native',
        event: 'install',
        command: `node build.js ${text}`,
        exitCode: 3,
        signal: null,
        ms: 12,
        sandbox: 'full',
        output: `building\n${text}\n`,
        limit: null,
      },
    ],
    events: [
      {
        time: '2026-01-02T03:04:05.000Z',
        package: 'native@1.0.0',
        script: 'install',
        class: 'network',
        target: `files.example:443${text}`,
        action: 'denied',
        evidence: text,
      },
    ],
    warnings: [`look ${text}`],
    error: { code: 'EBLOCKED', message: `Blocked ${text}`, where: `bad@1.0.0${text}`, next: [`do this ${text}`] },
    timings: { total: 1234 },
    ...changes,
  };
}

function flaggedPackage(text: string): ReportedPackage {
  return {
    name: `bad${text}`,
    version: '1.0.0',
    location: `node_modules/bad${text}`,
    resolved: null,
    integrity: 'sha512-AAAA',
    source: 'registry',
    optional: false,
    dev: false,
    requestedBy: [`(project)${text}`],
    verdict: { action: 'block', score: 92, fromCache: false },
    decision: { action: 'block', runScripts: false, approval: 'unreviewed', reason: `score 92 ${text}` },
    findings: [
      {
        rule: 'secret-file-exfiltration',
        severity: 'critical',
        phase: 'install',
        file: `lib/index${text}.js`,
        line: 12,
        message: `Reads ~/.npmrc and sends it ${text}`,
        weight: 90,
        family: 'secrets',
        unasked: true,
        floor: null,
        guards: [`CI ${text}`],
        slice: {
          steps: [
            { role: 'source', file: 'lib/index.js', line: 12, column: 4, note: `reads ~/.npmrc ${text}` },
            { role: 'sink', file: 'lib/index.js', line: 14, column: 0, note: 'https.request' },
          ],
          frame: `> 12 | const t = read('.npmrc') ${text}\n  13 | \n> 14 | send(t)\n`,
        },
      },
    ],
  };
}

function quietPackage(): ReportedPackage {
  return {
    ...flaggedPackage(''),
    name: 'good',
    location: 'node_modules/good',
    verdict: { action: 'allow', score: 0, fromCache: true },
    decision: null,
    findings: [],
  };
}
