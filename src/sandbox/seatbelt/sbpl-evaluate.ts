import { parseSbpl, type SbplForm } from './sbpl-syntax.js';

/** Something a program attempts: an operation of SBPL and what it is aimed at. */
export interface Attempt {
  /** e.g. `file-read-data`, `file-write-create`, `process-exec`, `network-outbound`, `mach-lookup`, `sysctl-read`. */
  operation: string;
  /** Path of a file or program. */
  path?: string;
  /** `host:port` of the other side; `localhost` stands for every loopback address. */
  remote?: string;
  /** `host:port` of the own side. */
  local?: string;
  /** Name of a Mach service or of a sysctl. */
  name?: string;
  /** Whether a signal or inspection stays within the sandbox. */
  sameSandbox?: boolean;
}

type Filter = (attempt: Attempt) => boolean;

interface Rule {
  allow: boolean;
  operations: string[];
  filters: Filter[];
}

/** A profile that can be asked. */
export interface SbplProfile {
  /** True where the profile lets the attempt happen: the last rule that matches decides, `default` where none does. */
  allows(attempt: Attempt): boolean;
  /** Text of `(with message …)` at the default. */
  message: string | null;
}

/**
 * Reads an SBPL profile and answers what it allows, by the rules of macOS: version 1, a default, the last match wins; several
 * filters of a rule are alternatives. Forms that it does not know are refused, so that no profile passes by being
 * misunderstood.
 *
 * @throws Error naming the form.
 */
export function evaluateSbpl(text: string): SbplProfile {
  const rules: Rule[] = [];
  let fallback: boolean | null = null;
  let message: string | null = null;
  let version: string | null = null;
  for (const form of parseSbpl(text)) {
    const [head, ...rest] = listOf(form);
    const action = symbolOf(head);
    if (action === 'version') {
      version = symbolOf(rest[0]);
      continue;
    }
    if (action !== 'allow' && action !== 'deny') throw new Error(`unknown form (${action} …)`);
    if (version !== '1') throw new Error('a rule before (version 1)');
    const operations = rest.filter((item) => item.kind === 'symbol').map((item) => item.text);
    const lists = rest.filter((item) => item.kind === 'list');
    if (operations.length === 0) throw new Error(`(${action}) without an operation`);
    const modifiers = lists.filter((list) => symbolOf(list.items[0]) === 'with');
    const filters = lists.filter((list) => !modifiers.includes(list)).map(filterOf);
    if (operations.includes('default')) {
      if (filters.length > 0 || operations.length > 1) throw new Error('a default with filters');
      fallback = action === 'allow';
      const text = modifiers[0]?.items[2];
      message = text?.kind === 'string' ? text.text : null;
    } else {
      for (const operation of operations) checkOperation(operation);
      rules.push({ allow: action === 'allow', operations, filters });
    }
  }
  if (fallback === null) throw new Error('no default');
  const otherwise = fallback;
  return {
    message,
    allows: (attempt) => {
      const decisive = rules.findLast(
        ({ operations, filters }) =>
          operations.some((pattern) => coversOperation(pattern, attempt.operation)) &&
          (filters.length === 0 || filters.some((filter) => filter(attempt))),
      );
      return decisive === undefined ? otherwise : decisive.allow;
    },
  };
}

const FAMILIES =
  /^(file|process|network|mach|sysctl|signal|ipc|iokit|system|user-preference|pseudo-tty|job-creation|lsopen|appleevent)/;

function checkOperation(operation: string): void {
  if (!FAMILIES.test(operation)) throw new Error(`unknown operation ${operation}`);
}

function coversOperation(pattern: string, operation: string): boolean {
  return pattern.endsWith('*') ? operation.startsWith(pattern.slice(0, -1)) : pattern === operation;
}

function filterOf(form: SbplForm): Filter {
  const [head, ...rest] = listOf(form);
  const name = symbolOf(head);
  switch (name) {
    case 'literal': {
      const path = stringOf(rest[0]);
      return (attempt) => attempt.path === path;
    }
    case 'subpath': {
      const path = stringOf(rest[0]);
      return ({ path: at }) => at !== undefined && (path === '/' || at === path || at.startsWith(`${path}/`));
    }
    case 'prefix': {
      const path = stringOf(rest[0]);
      return (attempt) => attempt.path?.startsWith(path) === true;
    }
    case 'regex': {
      if (rest[0]?.kind !== 'regex') throw new Error('(regex) without #"…"');
      const pattern = new RegExp(rest[0].text);
      return ({ path }) => path !== undefined && pattern.test(path);
    }
    case 'require-any': {
      const filters = rest.map(filterOf);
      return (attempt) => filters.some((filter) => filter(attempt));
    }
    case 'require-all': {
      const filters = rest.map(filterOf);
      return (attempt) => filters.every((filter) => filter(attempt));
    }
    case 'require-not': {
      const filter = filterOf(rest[0]!);
      return (attempt) => !filter(attempt);
    }
    case 'remote':
    case 'local':
      return addressFilter(name, symbolOf(rest[0]), stringOf(rest[1]));
    case 'global-name':
    case 'sysctl-name': {
      const wanted = stringOf(rest[0]);
      return (attempt) => attempt.name === wanted;
    }
    case 'global-name-prefix':
    case 'sysctl-name-prefix': {
      const wanted = stringOf(rest[0]);
      return (attempt) => attempt.name?.startsWith(wanted) === true;
    }
    case 'target': {
      if (symbolOf(rest[0]) !== 'same-sandbox') throw new Error('unknown target');
      return (attempt) => attempt.sameSandbox === true;
    }
    default:
      throw new Error(`unknown filter (${name} …)`);
  }
}

/** `(remote ip "localhost:8080")`: macOS knows only `localhost` and `*` as hosts here, and `*` as a port. */
function addressFilter(side: 'remote' | 'local', protocol: string, address: string): Filter {
  if (!['ip', 'tcp', 'udp', 'ip4', 'ip6'].includes(protocol)) throw new Error(`unknown protocol ${protocol}`);
  const parts = /^(localhost|\*):(\d+|\*)$/.exec(address);
  if (parts === null) throw new Error(`macOS refuses the address "${address}": only localhost and * are known`);
  return (attempt) => {
    const [host, port] = splitAddress(attempt[side]);
    const hostFits = parts[1] === '*' || host === 'localhost' || host === '::1' || /^127\./.test(host);
    return attempt[side] !== undefined && hostFits && (parts[2] === '*' || parts[2] === port);
  };
}

function splitAddress(address = ''): [string, string] {
  const at = address.lastIndexOf(':');
  return [address.slice(0, at), address.slice(at + 1)];
}

function listOf(form: SbplForm | undefined): SbplForm[] {
  if (form?.kind !== 'list') throw new Error('a list was expected');
  return form.items;
}

function symbolOf(form: SbplForm | undefined): string {
  if (form?.kind !== 'symbol') throw new Error('a symbol was expected');
  return form.text;
}

function stringOf(form: SbplForm | undefined): string {
  if (form?.kind !== 'string') throw new Error('a string was expected');
  return form.text;
}
