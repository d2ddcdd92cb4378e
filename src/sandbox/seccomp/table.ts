/** A condition on the low 32 bits of one argument: all that the calls below look at. */
export interface ArgumentTest {
  /** 0–5. */
  argument: number;
  /** Bits that are looked at. */
  mask: number;
  /** `any`: one of the masked bits is set; `is` / `not`: the masked value equals, or does not equal, `value`. */
  test: 'any' | 'is' | 'not';
  value?: number;
}

/** One refused system call. */
export interface RefusedCall {
  name: string;
  /** Number on each architecture; null where it does not exist. */
  x64: number | null;
  arm64: number | null;
  /** ENOSYS where programs have an older way to fall back to, EPERM else. */
  answer: 'EPERM' | 'ENOSYS';
  reason: string;
  /** Refused only where all tests of one group hold; always, where absent. */
  when?: ArgumentTest[][];
}

const ALL = 0xffffffff;
const NEW_NAMESPACES = 0x7e020000;
const NEW_TIME = 0x80;
const SET_ID_BITS = 0o6000;
const O_NOATIME = 0o1000000;
const O_CREAT = 0o100;
const O_TMPFILE = 0o20000000;
const FILE_TYPE = 0o170000;
const SOCKET_TYPE = 0xf;

const any = (argument: number, mask: number): ArgumentTest => ({ argument, mask, test: 'any' });
const is = (argument: number, value: number, mask = ALL): ArgumentTest => ({ argument, mask, test: 'is', value });
const not = (argument: number, value: number, mask = ALL): ArgumentTest => ({ argument, mask, test: 'not', value });

const TRACE = 'reads or changes another process';
const MOUNTS = 'rearranges the file tree';
const NAMESPACE = 'makes or enters a namespace, the usual way to kernel bugs';
const MODULES = 'loads code into the kernel';
const CLOCK = 'sets the clock of the machine';
const ADMIN = 'administers the machine';
const KEYS = 'reaches the key rings of the user';
const RING = 'does input and output past this filter';
const HANDLE = 'opens files past the tree';
const SET_ID = 'makes a program that runs with the rights of its owner';
const QUIET = 'reads a file without a trace in its access time';

/** The calls that no install script needs, each with its reason. Everything else is allowed. */
export const REFUSED_CALLS: readonly RefusedCall[] = [
  { name: 'ptrace', x64: 101, arm64: 117, answer: 'EPERM', reason: TRACE },
  { name: 'process_vm_readv', x64: 310, arm64: 270, answer: 'EPERM', reason: TRACE },
  { name: 'process_vm_writev', x64: 311, arm64: 271, answer: 'EPERM', reason: TRACE },
  { name: 'process_madvise', x64: 440, arm64: 440, answer: 'EPERM', reason: TRACE },
  { name: 'process_mrelease', x64: 448, arm64: 448, answer: 'EPERM', reason: TRACE },
  { name: 'kcmp', x64: 312, arm64: 272, answer: 'EPERM', reason: TRACE },
  { name: 'pidfd_getfd', x64: 438, arm64: 438, answer: 'EPERM', reason: TRACE },
  { name: 'mount', x64: 165, arm64: 40, answer: 'EPERM', reason: MOUNTS },
  { name: 'umount2', x64: 166, arm64: 39, answer: 'EPERM', reason: MOUNTS },
  { name: 'pivot_root', x64: 155, arm64: 41, answer: 'EPERM', reason: MOUNTS },
  { name: 'chroot', x64: 161, arm64: 51, answer: 'EPERM', reason: MOUNTS },
  { name: 'open_tree', x64: 428, arm64: 428, answer: 'ENOSYS', reason: MOUNTS },
  { name: 'move_mount', x64: 429, arm64: 429, answer: 'ENOSYS', reason: MOUNTS },
  { name: 'fsopen', x64: 430, arm64: 430, answer: 'ENOSYS', reason: MOUNTS },
  { name: 'fsconfig', x64: 431, arm64: 431, answer: 'ENOSYS', reason: MOUNTS },
  { name: 'fsmount', x64: 432, arm64: 432, answer: 'ENOSYS', reason: MOUNTS },
  { name: 'fspick', x64: 433, arm64: 433, answer: 'ENOSYS', reason: MOUNTS },
  { name: 'mount_setattr', x64: 442, arm64: 442, answer: 'ENOSYS', reason: MOUNTS },
  { name: 'statmount', x64: 457, arm64: 457, answer: 'ENOSYS', reason: 'tells about mounts outside the tree' },
  { name: 'listmount', x64: 458, arm64: 458, answer: 'ENOSYS', reason: 'tells about mounts outside the tree' },
  { name: 'open_tree_attr', x64: 467, arm64: 467, answer: 'ENOSYS', reason: MOUNTS },
  { name: 'setns', x64: 308, arm64: 268, answer: 'EPERM', reason: NAMESPACE },
  {
    name: 'unshare',
    x64: 272,
    arm64: 97,
    answer: 'EPERM',
    reason: NAMESPACE,
    when: [[any(0, NEW_NAMESPACES | NEW_TIME)]],
  },
  { name: 'clone', x64: 56, arm64: 220, answer: 'EPERM', reason: NAMESPACE, when: [[any(0, NEW_NAMESPACES)]] },
  {
    name: 'clone3',
    x64: 435,
    arm64: 435,
    answer: 'ENOSYS',
    reason: 'hides its flags from this filter; libraries fall back to clone',
  },
  { name: 'bpf', x64: 321, arm64: 280, answer: 'EPERM', reason: MODULES },
  { name: 'perf_event_open', x64: 298, arm64: 241, answer: 'EPERM', reason: 'measures other processes and the kernel' },
  {
    name: 'userfaultfd',
    x64: 323,
    arm64: 282,
    answer: 'EPERM',
    reason: 'stops the kernel in the middle of a copy, a part of many exploits',
  },
  { name: 'io_uring_setup', x64: 425, arm64: 425, answer: 'ENOSYS', reason: RING },
  { name: 'io_uring_enter', x64: 426, arm64: 426, answer: 'ENOSYS', reason: RING },
  { name: 'io_uring_register', x64: 427, arm64: 427, answer: 'ENOSYS', reason: RING },
  { name: 'add_key', x64: 248, arm64: 217, answer: 'EPERM', reason: KEYS },
  { name: 'request_key', x64: 249, arm64: 218, answer: 'EPERM', reason: KEYS },
  { name: 'keyctl', x64: 250, arm64: 219, answer: 'EPERM', reason: KEYS },
  { name: 'name_to_handle_at', x64: 303, arm64: 264, answer: 'EPERM', reason: HANDLE },
  { name: 'open_by_handle_at', x64: 304, arm64: 265, answer: 'EPERM', reason: HANDLE },
  { name: 'fanotify_init', x64: 300, arm64: 262, answer: 'EPERM', reason: 'watches files of others' },
  { name: 'init_module', x64: 175, arm64: 105, answer: 'EPERM', reason: MODULES },
  { name: 'finit_module', x64: 313, arm64: 273, answer: 'EPERM', reason: MODULES },
  { name: 'delete_module', x64: 176, arm64: 106, answer: 'EPERM', reason: MODULES },
  { name: 'kexec_load', x64: 246, arm64: 104, answer: 'EPERM', reason: MODULES },
  { name: 'kexec_file_load', x64: 320, arm64: 294, answer: 'EPERM', reason: MODULES },
  { name: 'reboot', x64: 169, arm64: 142, answer: 'EPERM', reason: ADMIN },
  { name: 'swapon', x64: 167, arm64: 224, answer: 'EPERM', reason: ADMIN },
  { name: 'swapoff', x64: 168, arm64: 225, answer: 'EPERM', reason: ADMIN },
  { name: 'acct', x64: 163, arm64: 89, answer: 'EPERM', reason: ADMIN },
  { name: 'quotactl', x64: 179, arm64: 60, answer: 'EPERM', reason: ADMIN },
  { name: 'quotactl_fd', x64: 443, arm64: 443, answer: 'EPERM', reason: ADMIN },
  { name: 'syslog', x64: 103, arm64: 116, answer: 'EPERM', reason: 'reads the log of the kernel, with its addresses' },
  { name: 'sethostname', x64: 170, arm64: 161, answer: 'EPERM', reason: ADMIN },
  { name: 'setdomainname', x64: 171, arm64: 162, answer: 'EPERM', reason: ADMIN },
  { name: 'vhangup', x64: 153, arm64: 58, answer: 'EPERM', reason: ADMIN },
  { name: 'nfsservctl', x64: 180, arm64: 42, answer: 'ENOSYS', reason: ADMIN },
  { name: 'settimeofday', x64: 164, arm64: 170, answer: 'EPERM', reason: CLOCK },
  { name: 'clock_settime', x64: 227, arm64: 112, answer: 'EPERM', reason: CLOCK },
  { name: 'adjtimex', x64: 159, arm64: 171, answer: 'EPERM', reason: CLOCK },
  { name: 'clock_adjtime', x64: 305, arm64: 266, answer: 'EPERM', reason: CLOCK },
  { name: 'lookup_dcookie', x64: 212, arm64: 18, answer: 'ENOSYS', reason: 'profiles the kernel' },
  { name: 'migrate_pages', x64: 256, arm64: 238, answer: 'EPERM', reason: TRACE },
  { name: 'move_pages', x64: 279, arm64: 239, answer: 'EPERM', reason: TRACE },
  { name: 'memfd_secret', x64: 447, arm64: 447, answer: 'ENOSYS', reason: 'hides memory from the limits' },
  { name: 'iopl', x64: 172, arm64: null, answer: 'EPERM', reason: 'reaches hardware' },
  { name: 'ioperm', x64: 173, arm64: null, answer: 'EPERM', reason: 'reaches hardware' },
  { name: 'modify_ldt', x64: 154, arm64: null, answer: 'EPERM', reason: 'a part of many exploits, used by no build' },
  { name: 'uselib', x64: 134, arm64: null, answer: 'ENOSYS', reason: 'loads code past the loader' },
  {
    name: 'openat2',
    x64: 437,
    arm64: 437,
    answer: 'ENOSYS',
    reason: 'hides its flags from this filter; libraries fall back to openat',
  },
  {
    name: 'fchmodat2',
    x64: 452,
    arm64: 452,
    answer: 'ENOSYS',
    reason: 'libraries fall back to fchmodat, which is looked at below',
  },
  {
    name: 'personality',
    x64: 135,
    arm64: 92,
    answer: 'EPERM',
    reason: 'switches protections of memory off',
    when: [[not(0, 0), not(0, ALL), not(0, 8)]],
  },
  { name: 'open', x64: 2, arm64: null, answer: 'EPERM', reason: QUIET, when: [[any(1, O_NOATIME)]] },
  { name: 'openat', x64: 257, arm64: 56, answer: 'EPERM', reason: QUIET, when: [[any(2, O_NOATIME)]] },
  { name: 'fcntl', x64: 72, arm64: 25, answer: 'EPERM', reason: QUIET, when: [[is(1, 4), any(2, O_NOATIME)]] },
  {
    name: 'open',
    x64: 2,
    arm64: null,
    answer: 'EPERM',
    reason: SET_ID,
    when: [[any(1, O_CREAT | O_TMPFILE), any(2, SET_ID_BITS)]],
  },
  {
    name: 'openat',
    x64: 257,
    arm64: 56,
    answer: 'EPERM',
    reason: SET_ID,
    when: [[any(2, O_CREAT | O_TMPFILE), any(3, SET_ID_BITS)]],
  },
  { name: 'creat', x64: 85, arm64: null, answer: 'EPERM', reason: SET_ID, when: [[any(1, SET_ID_BITS)]] },
  { name: 'chmod', x64: 90, arm64: null, answer: 'EPERM', reason: SET_ID, when: [[any(1, SET_ID_BITS)]] },
  { name: 'fchmod', x64: 91, arm64: 52, answer: 'EPERM', reason: SET_ID, when: [[any(1, SET_ID_BITS)]] },
  { name: 'fchmodat', x64: 268, arm64: 53, answer: 'EPERM', reason: SET_ID, when: [[any(2, SET_ID_BITS)]] },
  {
    name: 'mknod',
    x64: 133,
    arm64: null,
    answer: 'EPERM',
    reason: 'makes a device',
    when: [[is(1, 0o20000, FILE_TYPE)], [is(1, 0o60000, FILE_TYPE)], [any(1, SET_ID_BITS)]],
  },
  {
    name: 'mknodat',
    x64: 259,
    arm64: 33,
    answer: 'EPERM',
    reason: 'makes a device',
    when: [[is(2, 0o20000, FILE_TYPE)], [is(2, 0o60000, FILE_TYPE)], [any(2, SET_ID_BITS)]],
  },
  {
    name: 'socket',
    x64: 41,
    arm64: 198,
    answer: 'EPERM',
    reason: 'only local, IPv4, IPv6 and routing sockets have a use in an install; raw ones have none',
    when: [
      [not(0, 1), not(0, 2), not(0, 10), not(0, 16)],
      [is(0, 16), not(2, 0)],
      [is(0, 2), is(1, 3, SOCKET_TYPE)],
      [is(0, 2), is(1, 10, SOCKET_TYPE)],
      [is(0, 10), is(1, 3, SOCKET_TYPE)],
      [is(0, 10), is(1, 10, SOCKET_TYPE)],
    ],
  },
  {
    name: 'socketpair',
    x64: 53,
    arm64: 199,
    answer: 'EPERM',
    reason: 'only local sockets come in pairs',
    when: [[not(0, 1)]],
  },
  {
    name: 'ioctl',
    x64: 16,
    arm64: 29,
    answer: 'EPERM',
    reason: 'types into the terminal, or changes how it is read',
    when: [[is(1, 0x5412)], [is(1, 0x541c)], [is(1, 0x5423)]],
  },
];
