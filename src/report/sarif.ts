import type { Finding, InstallReport, ReportedPackage, Severity } from '../model.js';
import { visible, visibleLines } from './visible.js';

/** SARIF's levels for our severities. */
const LEVELS: Record<Severity, 'note' | 'warning' | 'error'> = {
  info: 'note',
  low: 'note',
  medium: 'warning',
  high: 'error',
  critical: 'error',
};

/** GitHub's `security-severity` (0–10) for our severities. */
const SECURITY_SEVERITY: Record<Severity, string> = {
  info: '0.0',
  low: '3.0',
  medium: '5.5',
  high: '8.0',
  critical: '9.5',
};

/**
 * The findings as a SARIF 2.1.0 log: one result a finding, located in `node_modules/<package>/<file>`, with the slice as a
 * code flow. Results of packages that the scan allows are `note`s.
 */
export function sarifReport(report: InstallReport): string {
  const results = report.packages.flatMap((reported) => reported.findings.map((finding) => result(reported, finding)));
  const rules = [...new Map(report.packages.flatMap(({ findings }) => findings).map((f) => [f.rule, f])).values()];
  const [name, version] = report.tool.split(' ');
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: name ?? 'safe-install', semanticVersion: version ?? '0.0.0', rules: rules.map(rule) } },
        invocations: [
          { executionSuccessful: report.error === null || report.exitCode >= 10, exitCode: report.exitCode },
        ],
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { PROJECT: { description: { text: 'The root of the project' } } },
        results,
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function rule({ rule: id, severity }: Finding) {
  return {
    id: visible(id),
    name: visible(id).replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase()),
    shortDescription: { text: visible(id).replaceAll('-', ' ') },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { 'security-severity': SECURITY_SEVERITY[severity], tags: ['security', 'supply-chain'] },
  };
}

function result(reported: ReportedPackage, finding: Finding) {
  const { name, version, verdict } = reported;
  const uri = (file: string) => fileUri(reported, file);
  const location = (file: string, line: number) => ({
    physicalLocation: {
      artifactLocation: { uri: uri(file), uriBaseId: 'PROJECT' },
      ...(line > 0 ? { region: { startLine: line } } : {}),
    },
  });
  const steps = finding.slice?.steps ?? [];
  return {
    ruleId: visible(finding.rule),
    level: verdict.action === 'allow' ? 'note' : LEVELS[finding.severity],
    message: {
      text: visibleLines(`${name}@${version} (${verdict.action}, score ${verdict.score}): ${finding.message}`),
    },
    locations: [location(finding.file, finding.line)],
    partialFingerprints: {
      'safeInstallFinding/v1': visible(`${name}@${version}:${finding.rule}:${finding.file}:${finding.line}`),
    },
    ...(steps.length === 0
      ? {}
      : {
          codeFlows: [
            {
              threadFlows: [
                {
                  locations: steps.map((step) => ({
                    location: {
                      physicalLocation: {
                        artifactLocation: { uri: uri(step.file), uriBaseId: 'PROJECT' },
                        ...(step.line > 0 ? { region: { startLine: step.line, startColumn: step.column + 1 } } : {}),
                      },
                      message: { text: visibleLines(`${step.role}: ${step.note}`) },
                    },
                  })),
                },
              ],
            },
          ],
        }),
    properties: {
      package: visible(`${name}@${version}`),
      phase: finding.phase,
      score: verdict.score,
      verdict: verdict.action,
      ...(finding.guards.length > 0 ? { guards: finding.guards.map(visible) } : {}),
    },
  };
}

/** Where a file of a package is, or would be, in the project; percent-encoded, always relative. */
function fileUri({ location, name }: ReportedPackage, file: string): string {
  const folder = location === '' || location === '.' ? `node_modules/${name}` : location;
  const segments = `${folder}/${file}`
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
  return segments.map(encodeSegment).join('/');
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(visible(segment)).replaceAll('%40', '@');
}
