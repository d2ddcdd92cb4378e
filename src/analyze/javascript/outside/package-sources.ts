import type * as t from '@babel/types';
import { isVendorHost } from '../../rules/host.js';
import type { Frame, Interpreter } from '../interpreter/interpreter.js';
import { alternatives, HOLE, knownText, Pattern, type Value } from '../interpreter/value.js';
import type { Taints } from '../taint/taint.js';
import type { Call } from './api-calls.js';

/** Fields by which lock files say where a package is fetched. */
const FIELDS: ReadonlySet<string> = new Set(['resolved', 'tarball']);
const REGISTRY = /\bregistry\\?\.(?:npmjs\\?\.\w+|yarnpkg\\?\.com)\b/;
const ADDRESS = new RegExp(String.raw`^(?:https?|${HOLE}):?//((?:[\w-]+\.)+[\w-]+)(?=[/:${HOLE}]|$)`, 'i');
const HOST = /^((?:[\w-]+\.)+[a-z][\w-]+)(?=[/:]|$)/i;
/** Registries, mirrors and stores that everybody knows, and this machine. */
const KNOWN =
  /(?:^|\.)(?:npmjs\.\w+|yarnpkg\.com|npmmirror\.com|taobao\.org|cnpmjs\.org|tencent\.com|tencentyun\.com|huaweicloud\.com|aliyun\.com|github\.com|githubusercontent\.com|gitlab\.com|bitbucket\.org|jsr\.io|pkg\.pr\.new|azure\.com|visualstudio\.com|jfrog\.io|cloudsmith\.io|fury\.io|amazonaws\.com|pkg\.dev|localhost|127\.0\.0\.1)$/i;

/** Tells where the place that a package is fetched from becomes a host of the code. */
export function sourceWritten(I: Interpreter, key: string, value: Value, node: t.Node | null, frame: Frame): void {
  if (!FIELDS.has(key)) return;
  for (const each of alternatives(value)) {
    const shown = knownText(each);
    const host = shown === null ? undefined : ADDRESS.exec(shown)?.[1];
    if (shown !== null && host !== undefined) led(I, host, `${key} = ${shown}`, node, frame);
  }
}

/** The same where the registry's address is replaced in a text of which nothing is known. */
export function registryReplaced(I: Interpreter, { args, node, frame }: Call, put: Value): void {
  const [what] = args;
  const from = what instanceof Pattern ? what.source : what === undefined ? null : knownText(what);
  const registry = from === null || from.length > 2_000 ? null : REGISTRY.exec(from);
  if (registry === null) return;
  for (const each of alternatives(put)) {
    const shown =
      knownText(each)
        ?.replace(/^\s*(?:resolved\s*)?["']/, '')
        .replace(/^\$\d/, HOLE) ?? '';
    const host = ADDRESS.exec(shown)?.[1] ?? HOST.exec(shown)?.[1];
    if (host !== undefined) led(I, host, `${registry[0].replaceAll('\\', '')} becomes ${shown}`, node, frame);
  }
}

const MANIFEST = /(?:^|[/\uFFFC*])package\.json$/;
/** Where whoever names a package by its repository means it to come from, as npm itself spells it out. */
const FORGE = /(?:^|\.)(?:sr\.ht|codeberg\.org|gitea\.com|gitee\.com)$/i;
const TARBALL = /^(?:git\+)?https?:\/\/[^\s"]+(?:\.tgz|\.tar\.gz|\.git)(?:#[^"\s]*)?$/i;

/** Tells where what came out of a manifest, an object or a name, gets the address of a tarball on a host of the code. */
export function dependencyWritten(
  I: Interpreter,
  place: Taints,
  value: Value,
  node: t.Node | null,
  frame: Frame,
): void {
  if (place === null || !place.some(({ source, detail }) => source === 'file.other' && MANIFEST.test(detail))) return;
  for (const each of alternatives(value)) {
    const shown = knownText(each);
    if (shown === null || shown.length > 400 || !TARBALL.test(shown)) continue;
    const host = ADDRESS.exec(shown.replace(/^git\+/, ''))?.[1];
    if (host === undefined || KNOWN.test(host) || FORGE.test(host)) continue;
    const detail = `a dependency = ${shown}`.replaceAll(HOLE, '…').slice(0, 160);
    const at = [I.at(node, frame.file, 'sink', detail)];
    I.fact('dependency-led', detail, frame.file, node?.loc?.start.line ?? 1, at);
  }
}

function led(I: Interpreter, host: string, what: string, node: t.Node | null | undefined, frame: Frame): void {
  if (KNOWN.test(host)) return;
  const { name, manifest: raw } = I.loader;
  const id = isVendorHost(host, { name, raw, repository: undefined }) ? 'package-led.vendor' : 'package-led.elsewhere';
  const detail = what.replaceAll(HOLE, '…').slice(0, 160);
  I.fact(id, detail, frame.file, node?.loc?.start.line ?? 1, [I.at(node ?? null, frame.file, 'sink', detail)]);
}
