import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const module = fileURLToPath(new URL('../../src/store/umask.ts', import.meta.url));

test.each(['0022', '0077', '0000'])('the umask %s is told and on Linux never touched', (umask) => {
  const code = `
    const { currentUmask } = await import(${JSON.stringify(module)});
    const real = process.umask();
    let asked = 0;
    process.umask = () => { asked++; return real; };
    console.log(currentUmask().toString(8).padStart(4, '0'), asked);`;
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', `umask ${umask}; exec "$0" --import tsx --input-type=module -e "$1"`, process.execPath, code],
    { encoding: 'utf8', cwd: fileURLToPath(new URL('../..', import.meta.url)) },
  );
  expect(stdout.trim(), stderr).toBe(`${umask} ${process.platform === 'linux' ? 0 : 1}`);
});
