import type { InstallReport, Severity } from '../model.js';
import { visible } from './visible.js';

/** Workflow commands of GitHub Actions: one annotation a finding of a flagged package, one for the error. */
export function githubAnnotations(report: InstallReport): string {
  const findings = report.packages
    .filter(({ verdict }) => verdict.action !== 'allow')
    .flatMap(({ name, version, location, verdict, findings: list }) =>
      list.map((finding) =>
        annotation(verdict.action === 'block' ? 'error' : levelOf(finding.severity), {
          file: `${location === '' ? `node_modules/${name}` : location}/${finding.file}`,
          ...(finding.line > 0 ? { line: String(finding.line) } : {}),
          title: `${name}@${version}: ${finding.rule}`,
          message: `${finding.message} (${verdict.action}, score ${verdict.score}, at ${finding.phase})`,
        }),
      ),
    );
  const denied = report.events
    .filter(({ action }) => action === 'denied' || action === 'killed')
    .map(({ package: id, script, class: kind, target, action }) =>
      annotation('warning', { title: `${id} ${script}`, message: `${action} ${kind}: ${target}` }),
    );
  const error =
    report.error === null
      ? []
      : [
          annotation('error', {
            title: `safe-install ${report.error.code}`,
            message: [report.error.message, ...report.error.next].join('\n'),
          }),
        ];
  return [...findings, ...denied, ...error].map((line) => `${line}\n`).join('');
}

function levelOf(severity: Severity): 'error' | 'warning' | 'notice' {
  if (severity === 'critical' || severity === 'high') return 'error';
  return severity === 'medium' ? 'warning' : 'notice';
}

interface Annotation {
  file?: string;
  line?: string;
  title: string;
  message: string;
}

function annotation(level: 'error' | 'warning' | 'notice', { message, ...properties }: Annotation): string {
  const fields = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
  return `::${level} ${fields.join(',')}::${data(message)}`;
}

/** Escapes a message as GitHub's toolkit does; other control characters are made visible. */
function data(value: string): string {
  return value
    .split(/\r?\n/)
    .map((line) => visible(line).replaceAll('%', '%25'))
    .join('%0A');
}

function property(value: string): string {
  return data(value).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
