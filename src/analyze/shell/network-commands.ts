import { sourceOf } from '../source-tables.js';
import { hasOption, optionValue, parseArguments } from './options.js';
import { copied, ssh } from './ssh-commands.js';
import type { ShellState } from './state.js';
import { TRANSFER_COMMANDS } from './transfer-commands.js';
import { concat, constant, EMPTY, isConstant, mergeTaints, type ShellValue, unknown } from './value.js';

const CURL_VALUES = new Set(
  (
    'd data data-raw data-binary data-ascii data-urlencode json F form form-string T upload-file H header u user b cookie c cookie-jar A user-agent o output ' +
    'X request x proxy e referer K config m max-time url w write-out r range E cert cacert key retry connect-timeout resolve connect-to interface output-dir'
  ).split(' '),
);
const WGET_VALUES = new Set(
  'O output-document o output-file post-data post-file header body-data body-file method user password e execute P directory-prefix T timeout t tries U user-agent Q q'
    .split(' ')
    .filter((name) => name !== 'q'),
);

type NetworkCommand = (
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
  api: string,
) => ShellValue;

/** Commands that talk to the network, by name. */
export const NETWORK_COMMANDS: Readonly<Record<string, NetworkCommand>> = {
  curl,
  wget,
  fetch: wget,
  irm: webRequest,
  iwr: webRequest,
  'invoke-restmethod': webRequest,
  'invoke-webrequest': webRequest,
  aria2c: wget,
  http: httpie,
  https: httpie,
  xh: httpie,
  nc: netcat,
  ncat: netcat,
  netcat,
  telnet: netcat,
  socat,
  openssl,
  nslookup: dns,
  dig: dns,
  host: dns,
  drill: dns,
  ping: dns,
  ping6: dns,
  getent: dns,
  ssh,
  scp: copied,
  rsync: copied,
  ...TRANSFER_COMMANDS,
  certutil,
  bitsadmin: certutil,
};

function curl(args: readonly ShellValue[], stdin: ShellValue, state: ShellState, at: number, api: string): ShellValue {
  const parsed = parseArguments(args, CURL_VALUES);
  const urls = [
    ...parsed.operands,
    ...parsed.options.filter((option) => option.name === 'url').flatMap((option) => option.value ?? []),
  ];
  const sent: ShellValue[] = [];
  for (const config of parsed.options.filter(({ name }) => name === 'K' || name === 'config')) {
    // A file of options, `url = "…"`, on standard input or in the package.
    const text = config.value === null || config.value.text === '-' ? stdin : state.readPath(config.value, at);
    for (const [, name = '', quoted, plain] of text.text.matchAll(
      /^\s*-{0,2}([a-z-]+)\s*[=:\s]\s*(?:"([^"]*)"|(\S+))/gm,
    )) {
      const value = { ...text, text: quoted ?? plain ?? '' };
      if (name === 'url') urls.push(value);
      else parsed.options.push({ name, value });
    }
  }
  for (const { name, value } of parsed.options) {
    if (value === null) continue;
    if (/^(?:d|data|data-binary|data-ascii|data-urlencode|json|F|form|T|upload-file)$/.test(name)) {
      sent.push(value, ...uploads(name, value, stdin, state, at));
    } else if (/^(?:data-raw|form-string|H|header|u|user|b|cookie|A|user-agent|e|referer)$/.test(name))
      sent.push(value);
  }
  const data = sent.length === 0 ? EMPTY : concat(sent, ' ');
  const response: ShellValue[] = [];
  for (const url of urls.length === 0 ? [unknown([])] : urls) {
    state.observe('net.out', api, [url, data], at);
    response.push(responseOf(url, state, at));
  }
  const target =
    optionValue(parsed, 'o', 'output') ??
    (hasOption(parsed, 'O', 'remote-name') ? constant(baseName(urls[0]?.text ?? '')) : null);
  const body = concat(response);
  if (target === null) return body;
  if (target.text === '-') return body;
  if (!/^(?:\/dev\/null|nul)$/i.test(target.text)) state.writePath(target, body, false, at, api);
  return EMPTY;
}

function uploads(name: string, value: ShellValue, stdin: ShellValue, state: ShellState, at: number): ShellValue[] {
  const file = name === 'T' || name === 'upload-file' ? value.text : /(?:^|=)[@<]([^;]*)/.exec(value.text)?.[1];
  if (file === undefined) return [];
  return file === '-' || file === '/dev/stdin' || file === '.'
    ? [stdin]
    : [state.readPath({ ...value, text: file }, at)];
}

function wget(args: readonly ShellValue[], stdin: ShellValue, state: ShellState, at: number, api: string): ShellValue {
  const parsed = parseArguments(args, WGET_VALUES);
  const sent = parsed.options
    .filter((option) => /^(?:post-data|body-data|header|password|user)$/.test(option.name))
    .flatMap((option) => option.value ?? []);
  const file = optionValue(parsed, 'post-file', 'body-file');
  if (file !== null) sent.push(file.text === '-' || file.text === '/dev/stdin' ? stdin : state.readPath(file, at));
  const data = sent.length === 0 ? EMPTY : concat(sent, ' ');
  const bodies = parsed.operands.map((url) => {
    state.observe('net.out', api, [url, data], at);
    return responseOf(url, state, at);
  });
  const body = concat(bodies);
  const target = optionValue(parsed, 'O', 'output-document', 'o');
  if (target?.text === '-' || target?.text === '/dev/stdout') return body;
  const path = target ?? constant(baseName(parsed.operands[0]?.text ?? ''));
  if (!/^(?:\/dev\/null|nul)$/i.test(path.text) && path.text !== '') state.writePath(path, body, false, at, api);
  return EMPTY;
}

/** PowerShell's requests, where a script text gives them to whatever shell there is. */
function webRequest(
  args: readonly ShellValue[],
  _stdin: ShellValue,
  state: ShellState,
  at: number,
  api: string,
): ShellValue {
  const named = (pattern: RegExp) => args[args.findIndex((arg) => pattern.test(arg.text)) + 1];
  const has = (pattern: RegExp) => args.some((arg) => pattern.test(arg.text));
  const url = (has(/^-uri$/i) ? named(/^-uri$/i) : args.find((arg) => !arg.text.startsWith('-'))) ?? unknown([]);
  const body = has(/^-body$/i) ? (named(/^-body$/i) ?? EMPTY) : EMPTY;
  state.observe('net.out', api, [url, body], at);
  const response = responseOf(url, state, at);
  const file = has(/^-o(?:utfile)?$/i) ? named(/^-o(?:utfile)?$/i) : undefined;
  if (file === undefined) return response;
  state.writePath(file, response, false, at, api);
  return EMPTY;
}

function httpie(
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
  api: string,
): ShellValue {
  const operands = args.filter(
    (arg) => !arg.text.startsWith('-') && !/^(?:GET|POST|PUT|PATCH|DELETE|HEAD)$/.test(arg.text),
  );
  const [url = unknown([]), ...fields] = operands;
  state.observe('net.out', api, [url, concat([...fields, stdin], ' ')], at);
  return responseOf(url, state, at);
}

function netcat(
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
  api: string,
): ShellValue {
  const parsed = parseArguments(args, new Set(['e', 'c', 'p', 'w', 's', 'exec', 'sh-exec', 'i', 'q', 'X', 'x']));
  const host = constant(parsed.operands.map((operand) => operand.text).join(':'));
  const program = optionValue(parsed, 'e', 'c', 'exec', 'sh-exec');
  const target = { ...host, taints: mergeTaints(parsed.operands.flatMap((operand) => operand.taints)) };
  if (hasOption(parsed, 'z')) return EMPTY;
  if (program !== null || (stdin.decoded && stdin.text === 'shell-output'))
    state.observe('net.handler', api, [target, program ?? stdin], at);
  else if (hasOption(parsed, 'l')) state.observe('net.listen', api, [target], at);
  else state.observe('net.socket', api, [target, stdin], at);
  return unknown([state.taint('net.response', host.text, at)]);
}

function socat(args: readonly ShellValue[], stdin: ShellValue, state: ShellState, at: number, api: string): ShellValue {
  const text = args.map((arg) => arg.text).join(' ');
  const host = /(?:tcp\d?|openssl|udp\d?|ssl):([^,\s]+)/i.exec(text)?.[1] ?? '';
  state.observe(
    /(?:exec|system):/i.test(text) ? 'net.handler' : 'net.socket',
    api,
    [constant(host), stdin, ...args],
    at,
  );
  return unknown([state.taint('net.response', host, at)]);
}

function openssl(
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
  api: string,
): ShellValue {
  if (
    args.some(({ text }) => text === '-d') &&
    /^(?:base64|enc)$/.test(args[0]?.text ?? '') &&
    args.some(({ text }) => /^-?(?:base64|a)$/.test(text)) &&
    isConstant(stdin) &&
    stdin.text !== '' &&
    !args.some(({ text }) => /^-(?:k|pass|aes|K)/.test(text))
  )
    return { ...stdin, text: Buffer.from(stdin.text, 'base64').toString('utf8'), decoded: true };
  if (args[0]?.text !== 's_client') {
    const input = args[args.findIndex(({ text }) => text === '-in') + 1];
    const file =
      input === undefined || args[0]?.text !== 'enc' || !args.some(({ text }) => text === '-in') ? null : input;
    const value = concat([
      stdin,
      ...args.slice(1).filter((arg) => !arg.text.startsWith('-')),
      ...(file === null ? [] : [state.readPath(file, at)]),
    ]);
    const opened = args.some(({ text }) => text === '-d')
      ? [state.taint('file.own', file === null ? 'enciphered text' : file.text, at)]
      : [];
    const output = args.findIndex(({ text }) => text === '-out');
    const result = {
      text: '\uFFFC',
      decoded: true,
      taints: [...value.taints, ...opened].map((taint) => ({ ...taint, through: [...taint.through, 'cipher'] })),
    };
    const target = output < 0 ? undefined : args[output + 1];
    if (target !== undefined) state.writePath(target, result, false, at, api);
    return target === undefined ? result : EMPTY;
  }
  const host = args[args.findIndex((arg) => arg.text === '-connect') + 1] ?? unknown([]);
  state.observe('net.socket', api, [host, stdin], at);
  return unknown([state.taint('net.response', host.text, at)]);
}

function dns(args: readonly ShellValue[], _stdin: ShellValue, state: ShellState, at: number, api: string): ShellValue {
  // getent also looks up users and groups.
  if (api === 'shell.getent' && !/^ahosts|^hosts$/.test(args[0]?.text ?? ''))
    return unknown([state.taint('identity.host', 'getent', at)]);
  const names = args.filter((arg) => !/^[-+@]|^\d+$|^(?:TXT|A|AAAA|MX|CNAME|NS|ANY|hosts)$/i.test(arg.text));
  const name = names[0] ?? unknown([]);
  state.observe(
    'dns.query',
    api,
    [name],
    at,
    args.flatMap((arg) => arg.taints),
  );
  return unknown([state.taint('net.response', `DNS ${name.text}`, at)]);
}

function certutil(
  args: readonly ShellValue[],
  _stdin: ShellValue,
  state: ShellState,
  at: number,
  api: string,
): ShellValue {
  const url = args.find((arg) => /^https?:/i.test(arg.text));
  const target = args[args.length - 1];
  if (url === undefined) return EMPTY;
  state.observe('net.out', api, [url], at);
  if (target !== undefined && target !== url) state.writePath(target, responseOf(url, state, at), false, at, api);
  return EMPTY;
}

function responseOf(url: ShellValue, state: ShellState, at: number): ShellValue {
  const source = sourceOf(state.context.tables.urls, url.text);
  const response = state.taint('net.response', url.text.replaceAll('\uFFFC', '…'), at);
  return unknown(source === null ? [response] : [state.taint(source, url.text, at), response]);
}

function baseName(url: string): string {
  return (
    url
      .replace(/[?#].*$/, '')
      .replace(/\/$/, '')
      .split('/')
      .pop() ?? ''
  );
}
