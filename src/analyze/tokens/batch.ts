import { interpretShell } from '../shell/index.js';
import type { FrontEndResult, ScanContext, TextTask } from '../task.js';
import { scanTokens, type TokenLanguage } from './scan.js';

const SCRIPT_HOST: TokenLanguage = {
  language: 'batch',
  comment: /(?<=^|\n)[ \t]*'[^\n]*/g,
  sources: [
    { source: 'net.response', pattern: /XMLHTTP|WinHttpRequest|responseText|responseBody/i },
    { source: 'env.named', pattern: /ExpandEnvironmentStrings|Environment\(/i },
    { source: 'identity.host', pattern: /WScript\.Network|ComputerName|Win32_/i },
  ],
  sinks: [
    { sink: 'net.out', api: 'script-host.request', pattern: /\.Open\s*\(?\s*"(?:GET|POST)"\s*,/i },
    { sink: 'code.eval', api: 'script-host.execute', pattern: /\bExecute(?:Global)?\b|\bEval\s*\(/i },
    {
      sink: 'process.spawn',
      api: 'script-host.run',
      pattern: /\.(?:Run|Exec|ShellExecute)\s*\(?\s*(?=")/i,
      runs: 'batch',
    },
    { sink: 'fs.write', api: 'script-host.write', pattern: /SaveToFile|CreateTextFile|RegWrite/i },
  ],
  fold: (text) => ({ text: text.replace(/"\s*&\s*"/g, ''), decoded: [] }),
};

/** Batch files, line by line as shell commands; VBScript and HTA at token level. */
export function interpretBatch(task: TextTask, context: ScanContext): FrontEndResult {
  if (/\.(?:vbs|hta|wsf)$/i.test(task.file) || /\b(?:CreateObject|WScript\.|Dim )/.test(task.text))
    return scanTokens(task, context, SCRIPT_HOST);
  const result = interpretShell(
    { ...task, text: task.text.slice(0, 1_000_000).split(/\r?\n/).map(asShell).join('\n') },
    context,
    !task.file.endsWith('package.json'),
  );
  for (const observation of result.observations) observation.language = 'batch';
  return result;
}

/** One line of cmd in the words of a POSIX shell; what has no counterpart becomes an empty line, so that line numbers stay. */
function asShell(line: string): string {
  const text = line.trim().replace(/^@/, '');
  if (/^(?:rem\b|::|:\w|goto\b|setlocal|endlocal|echo\s+off|title\b|color\b|pause\b|\)$)/i.test(text)) return '';
  return text
    .replace(
      /^if\s+(?:\/i\s+)?(?:not\s+)?(?:exist\s+(?:"[^"]*"|\S+)|defined\s+\S+|errorlevel\s+\d+|(?:"[^"]*"|\S+)\s*==\s*(?:"[^"]*"|\S+))\s*\(?/i,
      '',
    )
    .replace(/^\)?\s*else\s*\(?/i, '')
    .replace(/^for\s+.*?\s+do\s+\(?/i, '')
    .replace(/\)\s*$/, (close, at: number, whole: string) => (whole.slice(0, at).includes('(') ? close : ''))
    .replace(
      /^set\s+"?([A-Za-z_]\w*)=([^"]*)"?$/i,
      (_all, name: string, value: string) => `${name}='${value.replaceAll("'", '')}'`,
    )
    .replace(/\^(.)/g, '$1')
    .replaceAll('\\', '/')
    .replace(/%~dp0/gi, './')
    .replace(/%~?([A-Za-z_]\w*)(?::~(\d+),(\d+))?%/g, (_all, name: string, from?: string, length?: string) =>
      from === undefined ? `\${${name}}` : `\${${name}:${from}:${length}}`,
    )
    .replace(/!([A-Za-z_]\w*)!/g, '$${$1}');
}
