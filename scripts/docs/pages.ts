import { stringify } from 'yaml';
import { z } from 'zod';
import { COMMANDS } from '../../src/cli/command-table.js';
import { commandHelp, overview } from '../../src/cli/help-text.js';
import { BASE, TEMPLATES } from '../../src/config/index.js';
import { policyJsonSchema } from '../../src/config/policy/index.js';
import { reportSchema } from '../../src/report/index.js';
import { type JsonSchema, schemaRows } from './schema-table.js';

/** One generated file: where it stands in the repository, and what it must contain. */
export interface GeneratedFile {
  file: string;
  text: string;
}

/** Schemas and reference pages, made from the zod schemas; `npm run docs` writes them, a test compares them. */
export async function generatedFiles(): Promise<GeneratedFile[]> {
  const report = { ...z.toJSONSchema(reportSchema, { target: 'draft-2020-12' }), title: 'Report of safe-install' };
  return [
    { file: 'schemas/policy.schema.json', text: `${JSON.stringify(policyJsonSchema(), null, 2)}\n` },
    { file: 'schemas/report.schema.json', text: `${JSON.stringify(report, null, 2)}\n` },
    { file: 'docs/policy.md', text: policyPage() },
    { file: 'docs/cli.md', text: await cliPage() },
    { file: 'docs/report.md', text: reportPage(report as JsonSchema) },
  ];
}

const HEAD = '| key | value | meaning |\n|---|---|---|';
const NOTE = '<!-- made by `npm run docs` from the schema; edit scripts/docs/pages.ts -->';

function policyPage(): string {
  const templates = Object.entries(TEMPLATES).map(([name, template]) => {
    const text =
      Object.keys(template).length === 0 ? 'the defaults below' : `\n\n\`\`\`yaml\n${stringify(template)}\`\`\``;
    return `- \`${name}\`: ${text}`;
  });
  return `${NOTE}
# The policy file

A policy says what safe-install does with what it finds. It is optional. safe-install looks for, in this order of strength:

1. the file of \`--policy <file>\`, which is taken instead of the project's;
2. in the project's root one of \`safe-install.yaml\`, \`safe-install.yml\`, \`safe-install.json\`, or the key \`safe-install\` of
   package.json (two of them are an error: it would not be clear which one counts);
3. for the user: \`policy.yaml\`, \`policy.yml\` or \`policy.json\` in \`$XDG_CONFIG_HOME/safe-install\` (\`~/.config/safe-install\`).

Values of a nearer file replace those of a farther one; lists and tables grow. \`safe-install policy print\` shows the result and
its sources. A file that is not valid ends every command with exit code 14 and names the file, the path in it and what is
allowed; so does an exception whose last day has passed. Nothing is written then.

A project's policy comes with the project: whoever can change it can also change its scripts. Review it like code.

## Example

\`\`\`yaml
# yaml-language-server: $schema=./node_modules/safe-install/schemas/policy.schema.json
extends: base
scripts: approved-only        # run only scripts that somebody approved
sandbox:
  profiles: [puppeteer]       # may download its browser; safe-install grant puppeteer writes this line
grants:
  some-native-addon:
    hosts: [downloads.example]
exceptions:
  - package: "@team/deploy-tool@2.1.0"
    rules: [process-spawn-at-install]
    reason: reviewed in the security meeting, ticket 123
    expires: 2026-12-31
\`\`\`

## Templates (\`extends\`)

${templates.join('\n')}

## Defaults

\`\`\`yaml
${stringify(BASE)}\`\`\`

Limits that are not named here are those of the sandbox itself: see [the sandbox](sandbox.md).

## All keys

${HEAD}
${schemaRows(policyJsonSchema() as JsonSchema).join('\n')}

## Approvals

Approvals of install scripts are not part of the policy. \`safe-install approve <name>\` writes an exact pin where the package
manager keeps its decisions (\`allowScripts\` in package.json; \`allowBuilds\`, or \`permissions\` where that map exists, in
pnpm-workspace.yaml), and what those cannot hold into \`safe-install.lock\`: integrity, script hash, grant, reason, person, day and
last day. An approval answers a \`review\` only for these bytes and these scripts. An approval that has ended counts as none, and
says so. \`safe-install deny <name>\` stops its scripts in every version; \`safe-install approvals\` lists both. Commit
\`safe-install.lock\`. A blocked package cannot be approved: that takes an exception here.
`;
}

function reportPage(schema: JsonSchema): string {
  return `${NOTE}
# Reports

Every reporter is a function of the same value. At a terminal safe-install shows one live line while it works and a summary at the
end; without a terminal each phase gives one plain line. \`--silent\` prints nothing but errors' exit codes, \`--quiet\` only what
needs a person, \`--verbose\` every finding and the output of scripts. Colours follow \`NO_COLOR\` and \`FORCE_COLOR\`.

| flag | what |
|---|---|
| \`--json\` | one object on stdout, everything else on stderr |
| \`--sarif <file>\` | SARIF 2.1.0: one result a finding, its slice as a code flow, for code scanning |
| \`--markdown <file>\` | for a job summary: \`--markdown "$GITHUB_STEP_SUMMARY"\` |
| \`--github\` | annotations of GitHub Actions, on stderr |
| \`--html <file>\` | one self-contained page without scripts and requests |

Text of packages (names, code, output of scripts) is treated as hostile in each of them: control characters, ANSI sequences and
characters that hide or reorder text become visible escapes, markup and workflow commands are escaped.

## Exit codes

| code | meaning |
|---|---|
| 0 | ok |
| 1 | npm's own error, or wrong usage |
| 10 | blocked; nothing was written |
| 11 | needs review and nobody could be asked; nothing was written |
| 12 | a script violated the sandbox; the tree was rolled back |
| 13 | scripts would run and there is no sandbox; nothing was written |
| 14 | the policy, safe-install.lock or a rule file is not valid |
| 130 | interrupted |
| other | the exit code of a script that failed, as npm gives it |

## The object of \`--json\`

\`schema\` rises when a field changes its meaning or goes; new fields may come at any time. The JSON Schema is
\`schemas/report.schema.json\`; the library exports the zod schema as \`reportSchema\`. Where a command cannot even start (wrong usage, a
policy that is not valid), the object has only \`schema\`, \`exitCode\` and \`error\`.

${HEAD}
${schemaRows(schema).join('\n')}
`;
}

async function cliPage(): Promise<string> {
  const sections: string[] = [];
  for (const entry of COMMANDS) {
    const { command } = await entry.load();
    sections.push(`## ${entry.name}\n\n\`\`\`text\n${commandHelp(entry, command)}\`\`\``);
  }
  return `${NOTE}
# The command line

\`\`\`text
${overview()}\`\`\`

- **npm's flags** (\`-D\`, \`-E\`, \`-O\`, \`-g\`, \`--omit\`, \`--include\`, \`-w\`, \`--legacy-peer-deps\`, \`--package-lock-only\`, \`--dry-run\`, \`--ignore-scripts\`,
  \`--foreground-scripts\`, \`--offline\`, \`--registry\` …), its environment variables and .npmrc files are read by npm's own code, so they mean what
  they mean to npm. safe-install's own flags are taken out before and never reach it.
- **An unknown flag** is an error with exit code 1 that names the nearest flag, as in npm 12.
- **A word that is no command** is a package to install, as for \`npm add\`; but a command of npm's (\`safe-install run\`) and a slip of a command's name (\`safe-install isntall\`) are an
  error: nobody should install a package by a typing mistake. \`safe-install install <name>\` installs a package that is called like a command.
- **Everything after \`--\`** is left alone.
- **Output**: results on stdout; progress, warnings and errors on stderr. With \`--json\` stdout has one object and nothing else. See [reports](report.md).
- **At a \`review\`** safe-install shows the slices at a terminal and asks: stop, install without its scripts, approve once, or approve and remember
  with a reason. In CI, without a terminal, with \`--json\` or with \`onReview: fail\` it exits with 11 and nothing is written.
- **Ctrl-C** ends running scripts, rolls the tree back and exits with 130.
- **State** (caches, audit log, quarantine) is kept in \`SAFE_INSTALL_HOME\`, by default \`$XDG_DATA_HOME/safe-install\` (\`~/.local/share/safe-install\`).
- **Approvals** are described with the [policy](policy.md#approvals).

${sections.join('\n\n')}
`;
}
