import { installingCommand } from './install-command.js';

export const command = installingCommand(
  'install',
  ['[install] [spec…] [npm’s flags]'],
  [
    'Without specs it installs what package.json and the lock file say; with specs it adds them, as npm install does.',
    'Every tarball is read before anything is written; install scripts run one by one in the sandbox. A blocked install',
    'changes nothing and exits with 10; one that a person must look at asks at a terminal and exits with 11 elsewhere.',
  ],
);
