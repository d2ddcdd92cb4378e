import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const module = fileURLToPath(new URL('../../src/store/umask.ts', import.meta.url));

test.each(['0022', '0077', '0000'])('the umask %s is told', (umask) => {
  const code = `
    const { currentUmask } = await import(${JSON.stringify(module)});
    const real = process.umask();
    console.log(currentUmask().toString(8).padStart(4, '0'), real === currentUmask());`;
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', `umask ${umask}; exec "$0" --import tsx --input-type=module -e "$1"`, process.execPath, code],
    { encoding: 'utf8', cwd: fileURLToPath(new URL('../..', import.meta.url)) },
  );
  expect(stdout.trim(), stderr).toBe(`${umask} true`);
});

// A thread makes files all the while that others ask for the umask, as bin-links and node-tar do.
test.skipIf(process.platform !== 'linux').each([true, false])(
  'asking for it never opens files of other threads to everybody: %s',
  (guarded) => {
    const folder = mkdtempSync(join(tmpdir(), 'si-umask-'));
    const code = `
    import { Worker } from 'node:worker_threads';
    const { readUmaskUntouched } = await import(${JSON.stringify(module)});
    if (${guarded}) readUmaskUntouched();
    const writer = new Worker(\`
      const { openSync, closeSync, fstatSync } = process.getBuiltinModule('fs');
      let open = 0;
      for (let number = 0; number < 20000; number++) {
        const handle = openSync(${JSON.stringify(folder)} + '/' + number, 'wx', 0o666);
        if ((fstatSync(handle).mode & 0o022) !== 0) open++;
        closeSync(handle);
      }
      process.getBuiltinModule('worker_threads').parentPort.postMessage(open);
    \`, { eval: true });
    let open = null;
    writer.on('message', (count) => { open = count; });
    while (open === null) {
      for (let asked = 0; asked < 10000; asked++) process.umask();
      await new Promise((resolve) => setImmediate(resolve));
    }
    process.umask(0o027);
    console.log(open > 0, process.umask().toString(8));`;
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', 'umask 022; exec "$0" --import tsx --input-type=module -e "$1"', process.execPath, code],
      { encoding: 'utf8', cwd: fileURLToPath(new URL('../..', import.meta.url)) },
    );
    rmSync(folder, { recursive: true });
    expect(stdout.trim(), stderr).toBe(`${!guarded} 27`);
  },
);
