import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from './pages.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
for (const { file, text } of await generatedFiles()) {
  mkdirSync(dirname(resolve(root, file)), { recursive: true });
  writeFileSync(resolve(root, file), text);
  process.stdout.write(`${file}\n`);
}
