import { delimiter, sep } from 'node:path';

const BIN = `${sep}node_modules${sep}.bin`;

/** PATH without node_modules/.bin folders: what we start ourselves (git, bubblewrap, node) is never a dependency's bin. */
export function withoutBinFolders(path: string | undefined): string {
  return (path ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '' && folder !== '.' && !folder.replace(/[\\/]+$/, '').endsWith(BIN))
    .join(delimiter);
}

/** Runs `work` with a PATH that holds no node_modules/.bin folder, and puts PATH back. */
export async function withHostPath<Result>(work: () => Promise<Result>): Promise<Result> {
  const before = process.env['PATH'];
  process.env['PATH'] = withoutBinFolders(before);
  try {
    return await work();
  } finally {
    if (before === undefined) {
      delete process.env['PATH'];
    } else {
      process.env['PATH'] = before;
    }
  }
}
