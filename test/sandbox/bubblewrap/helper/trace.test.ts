import { describe, expect, it } from 'vitest';
import { createLineReader, splitArguments, textOf } from '../../../../src/sandbox/bubblewrap/helper/strace-line.js';
import { TraceReader, tracedCalls } from '../../../../src/sandbox/bubblewrap/helper/trace.js';

const order = { program: '/usr/bin/strace', first: '/usr/bin/prlimit', cwd: '/p/node_modules/x', refused: ['ptrace'] };

/** What a trace makes of these lines, behind the sandbox's own set-up. */
function seen(...lines: string[]): string[] {
  const reader = new TraceReader(order);
  reader.feed('5 mkdir("/newroot", 0755) = 0\n6 execve("/usr/bin/prlimit", ["prlimit"], 0x1 /* 3 vars */) = 0\n');
  reader.feed(`${lines.join('\n')}\n`);
  return reader
    .result(true)
    .entries.map(
      ({ what, target, error, times }) =>
        `${what} ${target}${error ? ` ${error}` : ''}${times > 1 ? ` ×${times}` : ''}`,
    );
}

describe('a line of strace', () => {
  it('is split at commas outside of strings, lists and paths', () => {
    expect(splitArguments('AT_FDCWD</a,b>, "x,\\"y", ["a", "b"], {c=1, d={e, f}}, 1<<3, O_RDONLY')).toEqual([
      'AT_FDCWD</a,b>',
      '"x,\\"y"',
      '["a", "b"]',
      '{c=1, d={e, f}}',
      '1<<3',
      'O_RDONLY',
    ]);
  });

  it('has its escapes undone', () => {
    expect(textOf('"a\\"\\\\\\n\\303\\244\\0"')).toBe('a"\\\nä\0');
    expect(textOf('3</tmp/\\74x\\76>')).toBe('/tmp/<x>');
    expect(textOf('NULL')).toBeNull();
  });

  it('is put together where another process came between', () => {
    const read = createLineReader();
    expect(read('7 openat(AT_FDCWD</p>, "a", O_RDONLY <unfinished ...>')).toEqual({ pid: 7, begun: 'openat' });
    expect(read('8 close(3) = 0')).toMatchObject({ pid: 8, name: 'close' });
    expect(read('7 <... openat resumed>) = -1 ENOENT (No such file or directory)')).toMatchObject({
      pid: 7,
      name: 'openat',
      args: ['AT_FDCWD</p>', '"a"', 'O_RDONLY'],
      value: -1,
      error: 'ENOENT',
    });
  });
});

describe('a trace', () => {
  it('leaves out what the sandbox itself does, before the script and beside it', () => {
    expect(seen('5 openat(AT_FDCWD</>, "/own", O_RDONLY) = 3</own>', '6 chdir("/y") = 0')).toEqual([]);
    const reader = new TraceReader(order);
    reader.feed('5 openat(AT_FDCWD</>, "/x", O_RDONLY) = 3</x>\n');
    expect(reader.result(true)).toEqual({ entries: [], dropped: 0, complete: false });
  });

  it('tells reads, writes, folders, programs and addresses apart, and counts what comes again', () => {
    expect(
      seen(
        '6 execve("/bin/sh", ["/bin/sh", "-c", "x \\"y\\""], 0x1 /* 3 vars */) = 0',
        '6 openat(AT_FDCWD</p/node_modules/x>, "a.js", O_RDONLY|O_CLOEXEC) = 3</p/node_modules/x/a.js>',
        '6 openat(AT_FDCWD</p/node_modules/x>, "a.js", O_RDONLY|O_CLOEXEC) = 3</p/node_modules/x/a.js>',
        '6 openat(4</p/y>, "b", O_WRONLY|O_CREAT, 0666) = -1 EROFS (Read-only file system)',
        '6 mkdir("../out", 0777) = -1 EROFS (Read-only file system)',
        '6 rename("b", "/c") = -1 EXDEV (Invalid cross-device link)',
        '6 newfstatat(AT_FDCWD</p/node_modules/x>, "/no", 0x7f, 0) = -1 ENOENT (No such file or directory)',
        '6 connect(5<socket:[1]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = -1 ENETUNREACH (Network is unreachable)',
        '6 connect(5<socket:[1]>, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = -1 EINPROGRESS (Operation now in progress)',
        '6 connect(5<socket:[1]>, {sa_family=AF_UNIX, sun_path="/var/run/docker.sock"}, 23) = -1 ENOENT (No such file or directory)',
        '6 ptrace(PTRACE_TRACEME) = -1 EPERM (Operation not permitted)',
        '6 execve("/a/cc", ["cc"], 0x1 /* 3 vars */) = -1 ENOENT (No such file or directory)',
        '6 +++ exited with 0 +++',
      ),
    ).toEqual([
      'run /bin/sh -c x "y"',
      'read /p/node_modules/x/a.js ×2',
      'write /p/y/b EROFS',
      'make /p/node_modules/out EROFS',
      'write /p/node_modules/x/b EXDEV',
      'write /c EXDEV',
      'look /no ENOENT',
      'connect 192.0.2.1:443 ENETUNREACH',
      'connect [2001:db8::1]:80',
      'connect unix:/var/run/docker.sock ENOENT',
      'refused ptrace EPERM',
    ]);
  });

  it('knows the folder that a process works in, and hands it on to its children', () => {
    expect(
      seen(
        '6 chdir("sub") = 0',
        '6 vfork( <unfinished ...>',
        '9 mkdir("made", 0777 <unfinished ...>',
        '6 <... vfork resumed>) = 9',
        '9 <... mkdir resumed>) = 0',
        '6 unlink("old") = 0',
      ),
    ).toEqual(['make /p/node_modules/x/sub/made', 'write /p/node_modules/x/sub/old']);
  });

  it('keeps a bounded number of entries and says how many there were', () => {
    const reader = new TraceReader(order);
    reader.feed('6 execve("/usr/bin/prlimit", ["prlimit"], 0x1 /* 3 vars */) = 0\n');
    for (let n = 0; n < 20_010; n++) reader.feed(`6 unlink("/f${n}") = 0\n`);
    const { entries, dropped } = reader.result(true);
    expect([entries.length, dropped]).toEqual([20_000, 10]);
  });

  it('asks strace for every call that the filter refuses, in a way that an old one understands', () => {
    expect(tracedCalls(['mount_setattr'])).toMatch(/(^|,)\?openat,.*\?mount_setattr$/);
  });
});
