import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/sandbox/index.js';
import { type Box, openBox } from './box.js';

let box: Box;
beforeEach(async () => {
  box = await openBox();
  await box.run('true');
});
afterEach(() => box.close());

describe('a script whose starter was there before it', () => {
  it('is the very command, whatever stands in it', async () => {
    const command = `echo "a 'b' \\"c\\"" $0 $# ; printf '%s|' "\${x-unset}"\necho $((1+1)) é; f() { return 9; }; f`;
    const run = await box.run(command);
    expect(run.output).toBe(`a 'b' "c" /bin/sh 0\nunset|2 é\n`);
    expect(run.exitCode).toBe(9);
  });

  it('says what a shell says of a command that is none', async () => {
    const run = await box.run('if then');
    expect(run.exitCode).toBe(2);
    expect(run.output).not.toContain('eval');
  });

  it('has the environment that it was given, and nothing of how it was started', async () => {
    const env = { PATH: '/usr/bin:/bin', npm_package_config_odd: `two\nlines = "q" $HOME`, npm_config_empty: '' };
    const run = await box.run(
      'printf "%s" "$npm_package_config_odd"; env | grep -c "^npm_config_empty=$"; env',
      {},
      { env },
    );
    expect(run.output).toContain(`two\nlines = "q" $HOME1\n`);
    expect(run.output).not.toContain('SAFE_INSTALL');
    const known = await box.run(
      'tr "\\0" "\\n" < /proc/1/cmdline; tr "\\0" "\\n" < /proc/1/environ; cat /proc/self/status',
    );
    expect(known.output).not.toContain('run/safe-install');
    expect(known.output).toMatch(/^Seccomp:\s*2$/m);
    expect(known.output).toMatch(/^CapBnd:\s*0+$/m);
    expect(known.output).toMatch(/^NoNewPrivs:\s*1$/m);
  });

  it('gets another grant than the script before it', async () => {
    const out = join(box.project, 'out');
    box.put('out/kept', '');
    await box.run(`echo x > ${out}/granted`, { writable: [out] });
    await box.run(`echo x > ${out}/refused`, {});
    const few = await box.run('ulimit -n', { limits: { ...defaultLimits, openFiles: 77 } });
    expect(existsSync(join(out, 'granted'))).toBe(true);
    expect(existsSync(join(out, 'refused'))).toBe(false);
    expect(few.output).toBe('77\n');
    expect((await box.run('ulimit -n')).output).toBe('4096\n');
  });

  it('finds a home that nobody has used, however the last one was left', async () => {
    await box.run(
      'mkdir -p ~/a/b; echo x > ~/a/b/c; chmod 000 ~/a/b ~/a; rm -rf ~/.ssh; echo mine > ~/.npmrc; chmod 000 ~',
    );
    const run = await box.run('ls -A ~; cat ~/.npmrc; ls -A /tmp');
    expect(run.output).toContain('.ssh');
    expect(run.output).toContain('_authToken');
    expect(run.output).not.toMatch(/^a$|mine/m);
    expect(run.exitCode).toBe(0);
  });

  it('follows at once when one ends, a hundred times, each confined and none left over', async () => {
    for (let n = 0; n < 100; n++) {
      const run = await box.run(`echo ${n}; (setsid sleep 100 &); ls /proc | grep -c '^[0-9]'`);
      expect(run).toMatchObject({ exitCode: 0, sandbox: 'full' });
      const [first, processes] = run.output.split('\n');
      expect(first).toBe(String(n));
      expect(Number(processes)).toBeLessThan(8);
    }
  });
});
