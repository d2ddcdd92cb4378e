import type { MadePackage } from './registry.js';

/** A package whose scripts say `event name@version` and write a trace: into $ROAD_LOG where it is set (npm), else to stdout. */
export function talker(
  name: string,
  version: string,
  events: string[],
  more: Record<string, unknown> = {},
  files: NonNullable<MadePackage['files']> = {},
): MadePackage {
  const scripts = Object.fromEntries(events.map((event) => [event, `node talk.js ${event}`]));
  return {
    manifest: { name, version, scripts, ...more },
    files: {
      'talk.js': [
        "const line = process.argv[2] + ' ' + process.env.npm_package_name + '@' + process.env.npm_package_version;",
        "if (process.env.ROAD_LOG) require('fs').appendFileSync(process.env.ROAD_LOG, line + '\\n');",
        'console.log(line);',
        "require('fs').writeFileSync('ran-' + process.argv[2], line);",
        '',
      ].join('\n'),
      'index.js': `module.exports = ${JSON.stringify(`${name}@${version}`)};\n`,
      ...files,
    },
  };
}

/** A package without scripts. */
export function plain(name: string, version: string, more: Record<string, unknown> = {}): MadePackage {
  return {
    manifest: { name, version, main: 'index.js', ...more },
    files: { 'index.js': `module.exports = ${JSON.stringify(`${name}@${version}`)};\n` },
  };
}

/** A package that the marker scanner gives this verdict. */
export function judged(
  name: string,
  version: string,
  verdict: 'review' | 'block',
  more: Record<string, unknown> = {},
): MadePackage {
  const made = plain(name, version, more);
  return { ...made, files: { ...made.files, 'note.txt': `verdict: ${verdict}\n` } };
}
