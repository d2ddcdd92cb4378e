import type { ShellState } from './state.js';
import { concat, constant, EMPTY, type ShellValue, unknown } from './value.js';

type Transfer = (
  args: readonly ShellValue[],
  stdin: ShellValue,
  state: ShellState,
  at: number,
  api: string,
) => ShellValue;

/** Option whose value is the file that a download goes to; without it the page is printed or lands beside. */
const OUTPUT = /^(?:-o|-O|--output|--output-document|--out|--dir)$/;

/** A browser or download tool in text mode: what it prints, or puts into a file, came from the network. */
function download(prints: boolean): Transfer {
  return (args, _stdin, state, at, api) => {
    const url =
      args.find((arg) => /^\w+:\/\/|^[\w-]+(?:\.[\w-]+)+\//.test(arg.text)) ??
      args.find((arg) => !arg.text.startsWith('-'));
    if (url === undefined) return EMPTY;
    state.observe('net.out', api, [url], at);
    const response = unknown([state.taint('net.response', url.text.replaceAll('\uFFFC', '…'), at)]);
    const after = args.findIndex((arg) => OUTPUT.test(arg.text));
    const glued = args
      .map((arg) => /^--?(?:o|out|output)[=:](.+)$/.exec(arg.text)?.[1])
      .find((text) => text !== undefined);
    const operands = args.filter((arg) => !arg.text.startsWith('-') && arg !== url);
    const file =
      glued !== undefined
        ? constant(glued)
        : after >= 0
          ? args[after + 1]
          : prints
            ? undefined
            : (operands[0] ?? constant(url.text.split('/').pop() ?? ''));
    if (file === undefined) return response;
    state.writePath(file, response, false, at, api);
    return prints ? response : EMPTY;
  };
}

const HOST_OPTION =
  /^(?:-h|--host|--hostname|-b|--broker|-n|--server|-H|-s|--url|-r|--repo|--endpoint-url|--bootstrap-server)$/;

/** A client that sends what it is given: words, files that they name, and its input. */
const send: Transfer = (args, stdin, state, at, api) => {
  const named = args.findIndex((arg) => HOST_OPTION.test(arg.text));
  const host =
    (named >= 0 ? args[named + 1] : undefined) ??
    args.find((arg) => /^\w+:\/\/|^\/\/|@|^:\w+,/.test(arg.text)) ??
    args.find(
      (arg) => /^[\w-]+(?:\.[\w-]+)+(?:[:/]|$)/.test(arg.text) && !/^\.|\.(?:txt|json|tar|gz|zip|log)$/.test(arg.text),
    ) ??
    unknown([]);
  const carried = args.filter((arg) => arg !== host).map((arg) => withFiles(arg, state, at));
  const target = {
    ...host,
    text: host.text
      .replace(/^:\w+,(?:.*,)?host=([^:,]+).*$/, '$1')
      .replace(/^.*@/, '')
      .replace(/^\/\//, '')
      .replace(/^rest:/, ''),
  };
  state.observe('net.out', api, [target, concat([...carried, stdin], ' ')], at);
  return unknown([state.taint('net.response', target.text, at)]);
};

/** A file transfer by a small language of its own: `put FILE`, `mput FILES`, `mirror -R FOLDER`. */
const batchTransfer: Transfer = (args, stdin, state, at, api) => {
  const commands = concat([...args, stdin], '\n');
  const words = commands.text.split(/[\s;"']+/);
  const files = words.flatMap((word, index) =>
    /^(?:put|mput|send|reput|append|mirror|-R|upload|tar|c)$/i.test(words[index - 1] ?? '') &&
    /[\w~$/.\uFFFC]/.test(word)
      ? [word]
      : [],
  );
  const read = files.map((file) => state.readPath(constant(file), at));
  const host =
    args.find((arg) => /^\w+:\/\/|^\/\/|@/.test(arg.text)) ??
    args.find((arg) => /^[\w-]+(?:\.[\w-]+)+$/.test(arg.text)) ??
    constant(/(?:^|\n|\s)open\s+(\S+)/.exec(commands.text)?.[1] ?? '\uFFFC');
  const target = { ...host, text: host.text.replace(/^.*@/, '').replace(/^\/\//, '') };
  state.observe('net.out', api, [target, concat([...read, { ...stdin, text: '' }], ' ')], at, commands.taints);
  const got = words.flatMap((word, index) => (/^(?:get|mget|recv)$/i.test(words[index - 1] ?? '') ? [word] : []));
  const response = unknown([state.taint('net.response', target.text, at)]);
  for (const file of got) state.writePath(constant(file.split('/').pop() ?? file), response, false, at, api);
  return response;
};

function withFiles(arg: ShellValue, state: ShellState, at: number): ShellValue {
  if (/^-/.test(arg.text) && !/[=@]/.test(arg.text)) return arg;
  const path = arg.text.replace(/^.*?[=@](?=[~/.])/, '');
  const content = state.readPath({ ...arg, text: path }, at);
  return content.taints.length > 0 ? { ...content, text: arg.text } : arg;
}

/** Programs that bring or send things, besides those with options worth reading one by one. */
export const TRANSFER_COMMANDS: Readonly<Record<string, Transfer>> = {
  'lwp-download': download(false),
  'lwp-request': download(true),
  get: download(true),
  lynx: download(true),
  links: download(true),
  elinks: download(true),
  w3m: download(true),
  axel: download(false),
  wcurl: download(false),
  curlie: download(true),
  httrack: download(false),
  puf: download(false),
  saldl: download(false),
  post: send,
  desktopimgdownldr: download(false),
  gsutil: send,
  azcopy: send,
  ipfs: send,
  s3cmd: send,
  s5cmd: send,
  mc: send,
  b2: send,
  croc: send,
  wormhole: send,
  ffsend: send,
  'magic-wormhole': send,
  restic: send,
  borg: send,
  rclone: send,
  'redis-cli': send,
  mysql: send,
  psql: send,
  mongosh: send,
  mongo: send,
  mosquitto_pub: send,
  kcat: send,
  kafkacat: send,
  nats: send,
  'amqp-publish': send,
  logger: send,
  finger: send,
  whois: send,
  websocat: send,
  wscat: send,
  grpcurl: send,
  swaks: send,
  mail: send,
  mailx: send,
  mutt: send,
  sendmail: send,
  msmtp: send,
  nmcli: send,
  sftp: batchTransfer,
  ftp: batchTransfer,
  lftp: batchTransfer,
  tftp: batchTransfer,
  tnftp: batchTransfer,
  smbclient: batchTransfer,
};
