import { installingCommand } from './install-command.js';

export const command = installingCommand(
  'ci',
  ['ci [npm’s flags]'],
  ['Needs a lock file that agrees with package.json; removes node_modules first and never writes either file.'],
);
