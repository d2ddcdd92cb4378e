import { describe, expect, it } from 'vitest';
import { findCommand, isSlip } from '../../src/cli/find-command.js';
import { GLOBAL_FLAGS, splitFlags, unknownFlagError } from '../../src/cli/flags.js';
import { SafeInstallError } from '../../src/errors.js';

const specs = {
  ...GLOBAL_FLAGS,
  sarif: { type: 'string' as const, summary: '' },
  host: { type: 'strings' as const, summary: '' },
};

describe('splitFlags', () => {
  it('takes own flags out wherever they stand and leaves npm’s alone', () => {
    const split = splitFlags(
      ['lodash@4', '--json', '-D', '--policy', 'p.yaml', '--registry', 'http://r.test', '--sarif=out'],
      specs,
    );
    expect(split.npmArgv).toEqual(['lodash@4', '-D', '--registry', 'http://r.test']);
    expect(split.flags.boolean('json')).toBe(true);
    expect(split.flags.string('policy')).toBe('p.yaml');
    expect(split.flags.string('sarif')).toBe('out');
    expect(split.rest).toBeNull();
  });

  it('touches nothing after --', () => {
    const split = splitFlags(['--json', '--', 'make', '--json', '-j2'], specs);
    expect(split.rest).toEqual(['make', '--json', '-j2']);
    expect(split.npmArgv).toEqual([]);
  });

  it('collects repeated flags, understands =true, =false and --no-', () => {
    expect(splitFlags(['--host', 'a', '--host=b'], specs).flags.strings('host')).toEqual(['a', 'b']);
    expect(splitFlags(['--json=false'], specs).flags.boolean('json')).toBe(false);
    expect(splitFlags(['--no-json'], specs).flags.boolean('json')).toBe(false);
    expect(splitFlags(['--json', '--no-json'], specs).flags.boolean('json')).toBe(false);
  });

  it.each([[['--sarif']], [['--sarif', '--json']], [['--json=yes']]])('refuses %j', (argv) => {
    expect(() => splitFlags(argv, specs)).toThrow(SafeInstallError);
  });

  it('is not fooled by names of Object.prototype', () => {
    expect(splitFlags(['--constructor', '--to-string'], specs).npmArgv).toEqual(['--constructor', '--to-string']);
  });
});

describe('unknownFlagError', () => {
  it('names the nearest flag, and none where nothing is near', () => {
    expect(unknownFlagError('omitt', ['omit', 'only', 'os']).next).toEqual(['Did you mean --omit?']);
    expect(unknownFlagError('zzzzzz', ['omit']).next).toEqual(['Run: safe-install help <command>']);
    expect(unknownFlagError('omitt', ['omit']).exitCode).toBe(1);
  });
});

describe('findCommand', () => {
  const find = async (...argv: string[]) => {
    const { entry, index } = await findCommand(argv);
    return [entry.name, index];
  };

  it('finds names and aliases, also behind flags and their values', async () => {
    expect(await find('ci')).toEqual(['ci', 0]);
    expect(await find('rm', 'x')).toEqual(['uninstall', 0]);
    expect(await find('--registry', 'http://r.test', 'scan', 'x')).toEqual(['scan', 2]);
    expect(await find('--policy', 'ci', 'update')).toEqual(['update', 2]);
    expect(await find('-D', '--save-exact', 'i', 'x')).toEqual(['install', 2]);
  });

  it('takes anything else for packages to install', async () => {
    expect(await find()).toEqual(['install', -1]);
    expect(await find('lodash')).toEqual(['install', -1]);
    expect(await find('grunt', '-D')).toEqual(['install', -1]);
    expect(await find('--', 'scan')).toEqual(['install', -1]);
  });

  it.each(['instal', 'isntall', 'explian', 'updat', 'scann'])('does not install the slip %s', async (word) => {
    await expect(findCommand([word])).rejects.toThrow(/Unknown command/);
  });

  it.each(['run', 'test', 'publish', 'exec', 'audit'])('does not install npm’s command %s', async (word) => {
    await expect(findCommand([word, 'build'])).rejects.toThrow(/command of npm/);
    expect((await findCommand(['install', word])).entry.name).toBe('install');
  });

  it('knows a slip: one letter more or less, or two swapped', () => {
    expect(isSlip('scna', 'scan')).toBe(true);
    expect(isSlip('grunt', 'grant')).toBe(false);
    expect(isSlip('scan', 'scan')).toBe(false);
    expect(isSlip('ic', 'ci')).toBe(false);
  });
});
