import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EXIT, SafeInstallError } from '../../errors.js';
import { type Settings, settingsSchema } from './schema.js';

/** A settings file that cannot be used as it stands; the command did not run. */
export class SettingsError extends SafeInstallError {
  constructor(message: string, where: string, next: string[], cause?: unknown) {
    super(message, { code: 'ESETTINGS', exitCode: EXIT.config, where, next, cause });
  }
}

export const SETTINGS_TEMPLATES = ['base', 'development'] as const;
export type SettingsTemplate = (typeof SETTINGS_TEMPLATES)[number];

const TEMPLATES = new URL('../../../rules/settings/', import.meta.url);

/**
 * Reads a settings file in the format of sandbox-runtime.
 *
 * @param file path of a JSON file
 * @throws SettingsError where it is missing, no JSON, or says something that is not understood.
 */
export function loadSettings(file: string): Settings {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new SettingsError(`The settings file ${why}.`, file, ['Check the path after --settings.'], cause);
  }
  return parseSettings(text, file);
}

/** One of the two templates: `base` (own folder only, no network) or `development` (project writable, code hosts). */
export function settingsTemplate(name: SettingsTemplate): Settings {
  return loadSettings(fileURLToPath(new URL(`${name}.json`, TEMPLATES)));
}

/** Parses settings; `where` names them in errors. @throws SettingsError */
export function parseSettings(text: string, where: string): Settings {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SettingsError(
      `The settings file is not JSON: ${(cause as Error).message}`,
      where,
      ['Correct the file.'],
      cause,
    );
  }
  const parsed = settingsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => {
    const path = issue.path.join('.') || '(top level)';
    return `${path}: ${issue.message}`;
  });
  throw new SettingsError(`The settings file says something that is not understood.\n${issues.join('\n')}`, where, [
    'Known keys: network.{allowedDomains, deniedDomains, allowUnixSockets, allowLocalBinding}, filesystem.{denyRead, allowRead, allowWrite, denyWrite}, ignoreViolations, mandatoryDenySearchDepth.',
  ]);
}
