import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What a thread that works for the pool runs: the worker in one file; from the sources (tests, benches) it is TypeScript, which tsx loads. */
export function workerUrl(): URL {
  return builtFile() ?? dataUrl(`${registerTsx()} await import(${JSON.stringify(sourceFile().href)});`);
}

/** The same as the arguments of Node, for a process. */
export function workerCommand(): string[] {
  const built = builtFile();
  if (built !== null) return [fileURLToPath(built)];
  return ['--import', dataUrl(registerTsx()).href, fileURLToPath(sourceFile())];
}

function builtFile(): URL | null {
  const built = new URL('./worker.js', import.meta.url);
  const bundled = new URL('../../bundle/analyzer.js', import.meta.url);
  return [bundled, built].find((file) => existsSync(fileURLToPath(file))) ?? null;
}

function sourceFile(): URL {
  return new URL('./worker.ts', import.meta.url);
}

function registerTsx(): string {
  const api = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs');
  return `import { register } from ${JSON.stringify(pathToFileURL(api).href)}; register();`;
}

function dataUrl(code: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
