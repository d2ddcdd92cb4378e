/** Settings of git whose value is a program, or a command of the shell. */
const PROGRAMS =
  /^(?:core\.(?:fsmonitor|sshcommand|pager|editor|askpass|gitproxy|alternaterefscommand)|pager\..+|credential\.(?:.+\.)?helper|diff\.(?:external|.+\.(?:command|textconv))|difftool\..+\.cmd|merge\..+\.driver|mergetool\..+\.cmd|filter\..+\.(?:clean|smudge|process)|gpg\.(?:.+\.)?(?:program|defaultkeycommand)|sequence\.editor|interactive\.difffilter|uploadpack\.packobjectshook|sendemail\..*cmd|browser\..+\.cmd|man\..+\.cmd|web\.browser|guitool\..+\.cmd|ssh\.variant|trailer\..+\.c(?:md|ommand)|receive\.procreceiverefs|remote\..+\.(?:uploadpack|receivepack|vcs)|url\.ext::.+)$/i;
const ALIAS = /^alias\..+$/i;

/** The command that git runs for a setting; null for settings that run nothing. */
export function commandOfSetting(key: string, value: string): string | null {
  if (ALIAS.test(key)) return value.startsWith('!') ? value.slice(1) : null;
  return PROGRAMS.test(key) ? value.replace(/^!/, '') : null;
}

const SECTION = /^\s*\[\s*([\w.-]+)(?:\s+"([^"]*)")?\s*\]/;
const SETTING = /^\s*([A-Za-z][\w-]*)\s*=\s*(.*)$/;

/** The commands of a configuration file of git. */
export function commandsOfGitConfig(text: string): string[] {
  let section = '';
  const found: string[] = [];
  for (const line of text.replace(/\\\n/g, '').split('\n')) {
    const head = SECTION.exec(line);
    if (head !== null) section = `${head[1]}${head[2] === undefined ? '' : `.${head[2]}`}`;
    const setting = SETTING.exec(head === null ? line : line.slice(head[0].length));
    if (setting === null || section === '') continue;
    const command = commandOfSetting(`${section}.${setting[1]}`, unquoted(setting[2] ?? ''));
    if (command !== null) found.push(command);
  }
  return found;
}

function unquoted(value: string): string {
  const plain = value.trim();
  const inner = /^"((?:\\.|[^"\\])*)"$/s.exec(plain)?.[1] ?? plain;
  return inner.replace(/\\(["\\])/g, '$1');
}
