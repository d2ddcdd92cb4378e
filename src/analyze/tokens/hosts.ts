import type { ArgumentFact } from '../observation.js';
import { HOLE } from '../task.js';

const LITERAL = /(["'])((?:\\.|(?!\1)[^\\\n]){4,300})\1/g;
const ADDRESS = /^(?:https?|wss?|ftps?|tcp|tls|ssl|udp):\/\/[^/\s]+/i;
const NAME = /^\.?(?:[a-z0-9\uFFFC_-]+\.)+[a-z]{2,24}(?::\d{1,5})?$/i;
const NUMBER = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?$/;
const FILE_NAME =
  /\.(?:py[co]?|rb|pl|pm|php|lua|go|rs|[cm]?[jt]sx?|json|ya?ml|toml|txt|md|sh|bash|zsh|bat|cmd|ps1|conf|cfg|ini|log|lock|env|xml|html?|css|csv|sql(?:ite)?|db|bin|dat|exe|dll|so|dylib|zip|t?gz|tar|png|jpe?g|svg|ico|pdf|key|pem|crt|gyp|gypi|node|wasm|local)$/i;

/** Places that stand in the literals of a text, addresses before bare names; what `%s` and `{}` stand for is not known. */
export function hostsIn(text: string): string[] {
  const addresses: string[] = [];
  const names: string[] = [];
  for (const match of text.matchAll(LITERAL)) {
    const literal = withHoles(match[2] ?? '');
    if (ADDRESS.test(literal)) addresses.push(literal);
    else if ((NAME.test(literal) && !FILE_NAME.test(literal)) || NUMBER.test(literal)) names.push(literal);
    if (addresses.length + names.length > 40) break;
  }
  return [...addresses, ...names];
}

/** The address that a program's answers come from: the only one that it names, or of the only host. */
export function onlyAddress(places: readonly string[]): string | null {
  const addresses = places.filter((place) => ADDRESS.test(place));
  const hosts = new Set(addresses.map((address) => ADDRESS.exec(address)?.[0].toLowerCase()));
  return hosts.size === 1 ? (addresses[0] ?? null) : null;
}

/** A format's directives are parts that are not known. */
export function withHoles(text: string): string {
  return text.replace(/%[-+0#.\d]*[sdixXufo]|#?\{[^{}\s]*\}|\$\{?[A-Za-z_]\w*(?:->\w+|\[[^\]]*\])?\}?/g, HOLE);
}

/** Whether arguments of a call say where it goes. */
export function saysWhere(args: readonly ArgumentFact[]): boolean {
  return args.some(
    ({ text }) =>
      text !== null &&
      (ADDRESS.test(text) || NUMBER.test(text) || (NAME.test(text.split('/')[0] ?? '') && !FILE_NAME.test(text))),
  );
}
