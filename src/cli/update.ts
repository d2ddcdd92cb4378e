import { installingCommand } from './install-command.js';

export const command = installingCommand(
  'update',
  ['update [name…] [npm’s flags]'],
  ['package.json is changed only with --save, as npm update does.'],
);
