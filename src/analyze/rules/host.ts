import type { Manifest } from '../manifest/index.js';
import type { ArgumentFact, Observation } from '../observation.js';
import { HOLE } from '../task.js';

/** Host that an observation talks to: from the URL, or from the fields of an options object; null when unknown. */
export function hostOf(observation: Observation): string | null {
  const direct = urlHost(observation.target ?? '');
  if (direct !== null) return direct;
  if (observation.sink === 'mail.out') return mailHost(observation);
  for (const argument of observation.args.slice(0, 2)) {
    const named =
      argument.fields['hostname'] ??
      argument.fields['host'] ??
      urlHost(argument.fields['url'] ?? argument.fields['baseURL'] ?? argument.fields['uri'] ?? '');
    if (named !== null && named !== undefined && named !== '' && !named.includes(HOLE)) return named.toLowerCase();
  }
  // What else is said to a host that is not known names no other one: `new WebSocket(url, 'mqttv3.1')`.
  if (/^[\w+.\uFFFC-]*:\/\//.test(observation.target ?? '')) return null;
  for (const text of [observation.target, ...observation.args.slice(0, 4).map(withoutContents)]) {
    if (text === null || text === undefined || text.length > 2_000) continue;
    const host = urlHost(text.replace(ABOUT_SENDER, '')) ?? bareHost(text);
    if (host !== null) return host;
  }
  return null;
}

/** What an argument says but for the contents that are sent: a link in a comment is no address of a request. */
function withoutContents({ text, fields }: ArgumentFact): string | null {
  if (text?.startsWith('{') !== true) return text;
  let rest = text;
  for (const [name, value] of Object.entries(fields))
    if (CONTENTS.test(name) && value.length > 3) rest = rest.replace(JSON.stringify(value).slice(1, -1), '');
  return rest;
}

/** Options of clients that hold what a request sends. */
const CONTENTS = /^(?:json|body|data|form|formData|payload|text|html|message|content)(?:\.|$)/;

/** Headers in which clients name the page of their project, or the one that they come from. */
const ABOUT_SENDER = /"(?:user-agent|x-user-agent|referr?er|http-referer|origin|x-title)":"[^"]*"/gi;

/** Where a mail goes: the domain of who gets it, in the open or not. */
function mailHost({ target, args }: Observation): string | null {
  const texts = args.flatMap(({ fields }) => ['bcc', 'to', 'cc'].map((name) => fields[name] ?? ''));
  for (const text of [...texts, target ?? '']) {
    const host = /@([\w.-]+\.[a-z]{2,})/i.exec(text)?.[1];
    if (host !== undefined) return host.toLowerCase();
  }
  return null;
}

/** Names of languages of markup, which nobody fetches. */
const NAMESPACE = /^https?:\/\/www\.w3\.org\/(?:1999|2000|1998)\/(?:xhtml|svg|xlink|Math)/;

function urlHost(text: string): string | null {
  const match =
    /^mailto:[^@\s]*@([\w.-]+)/i.exec(text) ??
    /(?:https?|wss?|ftps?|sftp|ssh|scp|rsync|smb|s3|gs|mqtts?|rediss?|amqps?|nats|tcp|udp|stratum(?:\+\w+)?|\uFFFC):\/\/(?:[^/@\s"'`]*@)?(\[[0-9a-f:]+\]|[^/:?#\s"'`)]+)/i.exec(
      text,
    );
  const host = match?.[1]?.toLowerCase();
  return host === undefined || tailUnknown(host) || UNSET.test(host) || NAMESPACE.test(text)
    ? null
    : host.replaceAll(HOLE, '*');
}

/** What an option that nobody set turns into in an address. */
const UNSET = /^\[object|^(?:undefined|null|nan)$/;

function bareHost(text: string): string | null {
  const match = /^(?:\/\/)?([a-z0-9_*\uFFFC-]+(?:\.[a-z0-9\uFFFC-]+)+)(?::\d+|:\uFFFC)?(?:\/|$)/i.exec(text.trim());
  const host = match?.[1]?.toLowerCase();
  return host === undefined ||
    tailUnknown(host) ||
    NOTHING.test(host) ||
    FILE_NAME.test(host) ||
    ARCHIVE_BEHIND.test(host)
    ? null
    : host.replaceAll(HOLE, '*');
}

/** Text of a variable that nobody gave a value to: `undefined.sha512`. */
const NOTHING = /^(?:undefined|null|nan)[./]/;

/** Ends of file names that are no top-level domains. */
const FILE_NAME =
  /\.(?:txt|t?gz|tar|xz|bz2|json|jsx?|cjs|mjs|tsx?|css|html?|xml|lib|node|wasm|exe|dll|log|csv|ya?ml|toml|map|png|svg|jpe?g|gif|webp|ico|ttf|otf|woff2?|pdf|mp[34]|webm|wav|pem|db|sqlite|sha\d+|md5|asc|sig)$/;

/** The end of an archive's name behind an address that is not known. */
const ARCHIVE_BEHIND = /^\uFFFC.*\.zip$/;

/** A host of which the registrable part is not known is not known. */
function tailUnknown(host: string): boolean {
  const labels = host.split('.');
  return host === HOLE || labels.slice(-2).some((label) => label.includes(HOLE));
}

/** An address of a forge, as such or put together of the fields of a request, with the owner of what lies there. */
const OF_OWNER =
  /(?:^|\s)(?:https:\/\/)?(?:(?:www\.)?github\.com|api\.github\.com\/repos|raw\.githubusercontent\.com|gitlab\.com)\/([^/\s\uFFFC]+)\/[^/\s\uFFFC]/;

/** Something in a repository of the owner that the package names as its own: a release file, pages that are published. */
export function isOwnRepository(url: string, manifest: Named): boolean {
  const owner = OF_OWNER.exec(url)?.[1]?.toLowerCase();
  if (owner === undefined) return false;
  const { repository } = manifest;
  const named = (typeof repository === 'string' ? repository : JSON.stringify(repository ?? '')).toLowerCase();
  const escaped = owner.replace(/[^\w/-]/g, '\\$&');
  return new RegExp(`(?:git(?:hub|lab)(?:\\.com)?[/:]|^)${escaped}/`).test(named);
}

/** A literal IP address, loopback and unspecified excepted. */
export function isAddress(host: string): boolean {
  return (
    (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) ||
      /^\[[0-9a-f:]+\]$/.test(host) ||
      /^0x[0-9a-f]{8}$|^\d{9,10}$/.test(host)) &&
    !isLocal(host)
  );
}

/**
 * The machine itself, the metadata service that its cloud has on every machine, or everybody on the same wire (multicast, RFC 5771,
 * and broadcast): what goes there leaks nowhere.
 */
export function isLocal(host: string): boolean {
  return /^(?:localhost|::1?|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|.*\.localhost|169\.254\.\d+\.\d+|\[fd00:ec2::(?:254|23)\]|100\.100\.100\.200|metadata(?:\.google\.internal)?|(?:22[4-9]|23\d)(?:\.\d+){3}|\d+(?:\.\d+){2}\.255)$/.test(
    host,
  );
}

/** What of a manifest says whose a package is. */
type Named = Pick<Manifest, 'name' | 'raw' | 'repository'>;

/** Whether the host carries the package's own name, scope, or the site it names as its home: a vendor talking to itself. */
export function isVendorHost(host: string, manifest: Named, url = ''): boolean {
  if (isOwnRepository(url, manifest)) return true;
  const label = registrableLabel(host);
  if (label === manifest.name.toLowerCase() && label !== '') return !SHARED_HOSTS.test(host);
  if (label.length < 3 || SHARED_HOSTS.test(host)) return false;
  const words = new Set(manifest.name.toLowerCase().split(/[@/._-]+/));
  if (
    words.has(label) ||
    [...words].some((word) => word.startsWith(label) && KIND_OF_TOOL.test(word.slice(label.length))) ||
    (manifest.name
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')
      .includes(label.replace(/[^a-z0-9]/g, '')) &&
      label.length > 4)
  )
    return true;
  const home = typeof manifest.raw['homepage'] === 'string' ? urlHost(manifest.raw['homepage']) : null;
  return home !== null && !SHARED_HOSTS.test(home) && registrableDomain(home) === registrableDomain(host);
}

/** What tools put behind the name of what they are for: `acmectl`, `acmejs`. */
const KIND_OF_TOOL = /^(?:ctl|cli|js|sdk|api|kit)$/;

/**
 * Whether something is asked of the package registry that the user configured, with one in the code for those who configured none:
 * the address comes from npm's settings, nothing that is not known stands in it but where an answer of that host led on, and
 * nothing is posted.
 */
export function isUsersRegistry({ api, target, args }: Observation): boolean {
  if (/\(\)\.|post|put|patch|beacon/i.test(api)) return false;
  if (
    args.some(({ fields }) => 'body' in fields || 'data' in fields || !/^(?:GET|HEAD)?$/i.test(fields['method'] ?? ''))
  )
    return false;
  const taints = args[0]?.taints ?? [];
  const isSetting = taints.some(
    ({ source, detail, through }) =>
      through.length === 0 &&
      ((source === 'env.named' && /^npm_config_(?:\w+:)?registry$/i.test(detail)) ||
        (source === 'secret.file' && /(?:^|\/)\.npmrc$/.test(detail))),
  );
  if (!isSetting || target === null || !/^https:\/\/[^?#]*$/.test(target)) return false;
  const answered = taints.some(({ source }) => source === 'net.response');
  return !(answered ? target.slice(0, -1) : target).includes(HOLE);
}

/** Whether a credential is called like the owner of the host: `ACME_API_KEY` for `api.acme.com`. */
export function isNamesake(credential: string, host: string): boolean {
  const label = registrableLabel(host).replace(/[^a-z0-9]/g, '');
  return (
    label.length > 3 &&
    !SHARED_HOSTS.test(host) &&
    credential
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')
      .startsWith(label)
  );
}

/** Whether a host is called like the package or its scope and says that it serves files: `downloads.sentry-cdn.com`. */
export function isFileHostOf(host: string, manifest: Manifest): boolean {
  const label = registrableLabel(host);
  const stem = label.replace(SERVES_FILES, '');
  return (
    stem.length > 3 &&
    stem !== label &&
    manifest.name
      .toLowerCase()
      .split(/[@/._-]+/)
      .includes(stem)
  );
}

/** What vendors put behind their name where a domain only serves files. */
const SERVES_FILES = /-?(?:cdn|static|assets|downloads?|dl|files|releases?|dist|binaries|storage)$/;

const SHARED_HOSTS =
  /(?:^|\.)(?:github\.(?:com|io)|githubusercontent\.com|gitlab\.com|npmjs\.\w+|vercel\.app|netlify\.app|herokuapp\.com|amazonaws\.com|cloudfront\.net|pages\.dev|workers\.dev|web\.app|firebaseio\.com|azurewebsites\.net|blogspot\.com|glitch\.me|repl\.co|onrender\.com|railway\.app|fly\.dev|ngrok\.io)$/;

/** The part of a host name that somebody registered, near enough. */
export function registrableDomain(host: string): string {
  return host.split('.').slice(-2).join('.');
}

/** The label of it that somebody chose. */
export function registrableLabel(host: string): string {
  const labels = host.split('.');
  return labels[Math.max(0, labels.length - 2)] ?? '';
}
