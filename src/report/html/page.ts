import type { Finding, InstallReport, ReportedPackage } from '../../model.js';
import { duration } from '../terminal/paint.js';
import { npmLine } from '../terminal/summary.js';
import { plainOutput } from '../visible.js';
import { block, type Html, html } from './escape.js';
import { STYLE } from './style.js';

/**
 * The report as one self-contained page: no script, no request (a Content-Security-Policy forbids both), text of packages
 * escaped.
 */
export function htmlReport(report: InstallReport): string {
  const flagged = report.packages.filter(({ verdict }) => verdict.action !== 'allow');
  const ordered = flagged.toSorted((a, b) => b.verdict.score - a.verdict.score);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>safe-install ${report.command}</title>
<style>${{ html: STYLE }}</style>
</head>
<body>
<header class="head"><h1>safe-install ${report.command}</h1>${outcomeBadge(report)}<span class="soft">${report.tool}${report.dryRun && ', dry run'}</span></header>
${tiles(report, flagged.length)}
${report.error !== null && errorCard(report.error)}
${report.error === null && report.command !== 'scan' && html`<p>${npmLine(report)}</p>`}
${report.warnings.map((warning) => html`<p class="soft">Warning: ${warning}</p>`)}
${ordered.length > 0 && html`<h2>Packages that need a look</h2>${ordered.map(packageCard)}`}
${report.scripts.length > 0 && scriptTable(report)}
${report.events.length > 0 && eventTable(report)}
${report.packages.length > 0 && packageTable(report.packages)}
</body>
</html>
`;
  return page.html;
}

function outcomeBadge({ exitCode, error }: InstallReport): Html {
  const kind = exitCode === 0 ? 'allow' : exitCode === 11 ? 'review' : 'block';
  const words = exitCode === 0 ? 'ok' : (error?.code ?? `exit ${exitCode}`);
  return html`<span class="badge ${kind}">${words}</span>`;
}

function tiles({ packages, scripts, events, exitCode, timings }: InstallReport, flagged: number): Html {
  const cached = packages.filter(({ verdict }) => verdict.fromCache).length;
  const denied = events.filter(({ action }) => action !== 'allowed').length;
  const tile = (value: string | number, label: string) =>
    html`<div class="tile"><b>${value}</b><span class="soft">${label}</span></div>`;
  return html`<section class="tiles">
${tile(packages.length, `packages read, ${cached} from cache`)}
${tile(flagged, 'need a look')}
${tile(scripts.length, 'scripts run')}
${tile(denied, 'attempts denied or reported')}
${tile(exitCode, 'exit code')}
${timings['total'] !== undefined && tile(duration(timings['total']), 'in all')}
</section>`;
}

function errorCard({ code, message, where, next }: NonNullable<InstallReport['error']>): Html {
  return html`<section class="card error"><div class="head"><h3>${message}</h3><span class="badge">${code}</span></div>
${where !== null && html`<p>at <code>${where}</code></p>`}
${next.length > 0 && html`<ul>${next.map((step) => html`<li>${step}</li>`)}</ul>`}</section>`;
}

function packageCard({
  name,
  version,
  verdict,
  requestedBy,
  decision,
  findings,
  location,
  integrity,
}: ReportedPackage): Html {
  return html`<section class="card ${verdict.action}">
<div class="head"><h3>${name}@${version}</h3><span class="badge">${verdict.action}, score ${verdict.score}</span></div>
${requestedBy.length > 0 && html`<p class="soft">brought by ${requestedBy.join(' ← ')}</p>`}
${decision !== null && html`<p>${decision.reason}</p>`}
<p class="soft"><code>${location}</code> ${integrity !== null && html`<code>${integrity}</code>`}</p>
${findings.map(findingBlock)}
</section>`;
}

function findingBlock({ rule, severity, phase, file, line, message, guards, slice }: Finding): Html {
  return html`<div class="finding">
<p><b>${rule}</b> <span class="soft">${severity}, at ${phase}, <code>${file}${line > 0 && `:${line}`}</code></span></p>
<p>${message}</p>
${guards.length > 0 && html`<p class="soft">only if: ${guards.join('; ')}</p>`}
${slice !== null && html`<pre>${block(slice.frame.replace(/\n+$/, ''))}</pre>`}
</div>`;
}

function scriptTable({ scripts }: InstallReport): Html {
  const row = (run: InstallReport['scripts'][number]) => html`<tr>
<td><code>${run.package}</code></td><td>${run.event}</td><td><code>${run.command}</code>${
    run.exitCode !== 0 &&
    run.output !== '' &&
    html`<pre>${block(plainOutput(run.output).split('\n').slice(-40).join('\n'))}</pre>`
  }</td><td>${run.limit ?? run.signal ?? `exit ${run.exitCode}`}</td><td class="n">${Math.round(run.ms)} ms</td><td>${run.sandbox}</td></tr>`;
  return html`<h2>Scripts</h2><div class="wide"><table><thead><tr><th>package</th><th>event</th><th>command</th><th>end</th><th>time</th><th>sandbox</th></tr></thead><tbody>${scripts.map(row)}</tbody></table></div>`;
}

function eventTable({ events }: InstallReport): Html {
  const row = (event: InstallReport['events'][number]) => html`<tr>
<td>${event.time}</td><td><code>${event.package}</code></td><td>${event.script}</td><td>${event.class}</td><td><code>${event.target}</code></td><td>${event.action}</td><td>${event.evidence}</td></tr>`;
  return html`<h2>What the sandbox saw</h2><div class="wide"><table><thead><tr><th>time</th><th>package</th><th>script</th><th>class</th><th>target</th><th>action</th><th>evidence</th></tr></thead><tbody>${events.map(row)}</tbody></table></div>`;
}

function packageTable(packages: ReportedPackage[]): Html {
  const row = ({ name, version, verdict, findings, source, decision }: ReportedPackage) => html`<tr>
<td><code>${name}@${version}</code></td><td><span class="badge ${verdict.action}">${verdict.action}</span></td><td class="n">${verdict.score}</td><td class="n">${findings.length}</td><td>${source}</td><td>${decision?.reason ?? ''}</td></tr>`;
  const sorted = packages.toSorted((a, b) => b.verdict.score - a.verdict.score || (a.name < b.name ? -1 : 1));
  return html`<h2>All packages</h2><details><summary>${packages.length} packages</summary><div class="wide"><table><thead><tr><th>package</th><th>verdict</th><th>score</th><th>findings</th><th>source</th><th>decision</th></tr></thead><tbody>${sorted.map(row)}</tbody></table></div></details>`;
}
