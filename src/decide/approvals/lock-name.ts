/** Name of the file beside package.json; on its own, so that looking for it loads nothing. */
export const LOCK_NAME = 'safe-install.lock';
