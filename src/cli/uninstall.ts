import { installingCommand } from './install-command.js';

export const command = installingCommand(
  'uninstall',
  ['uninstall <name…> [npm’s flags]'],
  ['Packages that come into the tree by it are read like those of an install.'],
);
