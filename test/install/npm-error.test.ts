import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SafeInstallError } from '../../src/errors.js';
import { describeError } from '../../src/install/npm-error.js';

test('our errors stay what they are', () => {
  const error = new SafeInstallError('m', { code: 'EX', exitCode: 42, where: 'w', next: ['n'] });
  expect(describeError(error)).toEqual({ exitCode: 42, entry: { code: 'EX', message: 'm', where: 'w', next: ['n'] } });
});

test('npm’s errors end with 1, in npm’s words, with what to do', () => {
  const error = Object.assign(new Error('sha512 …'), { code: 'EINTEGRITY', path: '/x' });
  const { exitCode, entry } = describeError(error);
  expect(exitCode).toBe(1);
  expect(entry).toMatchObject({ code: 'EINTEGRITY', message: 'sha512 …', where: '/x' });
  expect(entry.next.join()).toContain('cache');
});

test('a conflict of peers names who wants what', () => {
  const error = Object.assign(new Error('unable to resolve dependency tree'), {
    code: 'ERESOLVE',
    current: { name: 'react', version: '18.0.0' },
    edge: { name: 'react', spec: '^19', from: { name: 'x', version: '1.0.0' } },
  });
  expect(describeError(error).entry.message).toContain('x@1.0.0 wants react@"^19", but react@18.0.0');
});

test('a folder that cannot be made beside its parent means a full disk', () => {
  const failed = (path: string) =>
    describeError(
      Object.assign(new Error(`ENOENT: no such file or directory, mkdir '${path}'`), {
        code: 'ENOENT',
        syscall: 'mkdir',
        path,
      }),
    );
  expect(failed(join(tmpdir(), 'node_modules')).entry).toMatchObject({
    code: 'ENOSPC',
    next: [expect.stringContaining('full')],
  });
  expect(failed(join(tmpdir(), 'no such folder', 'node_modules')).entry.code).toBe('ENOENT');
});

test.each([undefined, null, 'text', 7, {}])('%s is told as well', (thrown) => {
  expect(describeError(thrown)).toMatchObject({ exitCode: 1, entry: { code: 'EUNKNOWN' } });
});
