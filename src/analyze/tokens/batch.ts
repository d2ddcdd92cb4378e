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
  const loop = /^for\s+\/f\s+(?:"[^"]*"\s+)?%%?~?(\w)\s+in\s+\(\s*['`]([^'`]+)['`]\s*\)\s+do\s+\(?(.*?)\)?$/i.exec(
    text,
  );
  const plain =
    loop === null
      ? text
      : // What the command prints is in the variable.
        `set ${LOOP}${loop[1]}=\u0001${loop[2]}\u0002\n${(loop[3] ?? '').replace(new RegExp(`%%?~?${loop[1]}`, 'g'), `%${LOOP}${loop[1]}%`)}`;
  return plain.split('\n').map(statement).join('; ');
}

const LOOP = 'FOR_';

function statement(text: string): string {
  return text
    .trim()
    .replace(
      /^if\s+(?:\/i\s+)?(?:not\s+)?(?:exist\s+(?:"[^"]*"|\S+)|defined\s+\S+|errorlevel\s+\d+|(?:"[^"]*"|\S+)\s*(?:==|\b(?:equ|neq|lss|leq|gtr|geq)\b)\s*(?:"[^"]*"|\S+))\s*\(?/i,
      '',
    )
    .replace(/^\)?\s*else\s*\(?/i, '')
    .replace(/^for\s+.*?\s+do\s+\(?/i, '')
    .replace(/\)\s*$/, (close, at: number, whole: string) => (whole.slice(0, at).includes('(') ? close : ''))
    .replace(/\^(.)/g, '$1')
    .replace(/\s+&(?!&)\s*/g, ' ; ')
    .replaceAll('\\', '/')
    .replace(/%~dp0\/?/gi, './')
    .replace(/%~?([A-Za-z_]\w*)(?::~(-?\d+)(?:,(-?\d+))?)?%/g, variable)
    .replace(/!([A-Za-z_]\w*)(?::~(-?\d+)(?:,(-?\d+))?)?!/g, variable)
    .replace(
      /^set\s+(?:\/[ap]\s+)?"?([A-Za-z_]\w*)=(.*?)"?$/i,
      (_all, name: string, value: string) => `${name}="${value.replaceAll('"', '')}"`,
    )
    .replace(/\u0001/g, '$(')
    .replace(/\u0002/g, ')');
}

function variable(_all: string, name: string, from?: string, length?: string): string {
  if (from === undefined) return `\${${name}}`;
  return length === undefined ? `\${${name}:${from}}` : `\${${name}:${from}:${length}}`;
}
