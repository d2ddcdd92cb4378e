/** Fields of a configuration whose texts name modules that the tool loads and starts. */
const LOADED =
  'plugins|presets|transform|setupFiles|setupFilesAfterEnv|globalSetup|globalTeardown|reporters|runner|testEnvironment|resolver|require|loader|loaders|use|extends|parser|processor|preset|addons|syntax|importer|modules|buildModules|integrations|adapter|hooks|file|config';
/** How deep configurations and what their functions make are followed. */
const LEVELS = 8;

/**
 * What a tool does with the configuration that it is started with, as a program: it calls what the configuration exports, loads
 * the modules that it names, gives them their options, and calls the hooks of what they make.
 *
 * @param tool module name of the tool, which hands itself to what it calls
 * @param config an expression that gives the configuration: a `require`, or an object
 */
export function toolDriver(tool: string, config: string): string {
  const levels = Array.from({ length: LEVELS }, (_unused, index) => level(index));
  return `const host = require(${JSON.stringify(tool)});
const started = (made) => (made && made.default !== undefined ? made.default : made);
${levels.join('\n')}
function start${LEVELS}() {}
start0(started(${config}), {}, 'config', {});
`;
}

/** A function a level: the interpreter does not follow one that calls itself for long. */
function level(index: number): string {
  const next = `start${index + 1}`;
  return `function start${index}(value, options, field, owner) {
  if (typeof value === 'string') {
    if (/^(?:${LOADED})$/.test(field) && /^(?:\\.{1,2}|<rootDir>)\\//.test(value))
      ${next}(started(require(value.replace('<rootDir>/', './'))), options, field, owner);
  } else if (typeof value === 'function') {
    const made = value.call(owner, host, options, host);
    ${next}(made, options, field, made);
  } else if (Array.isArray(value)) {
    const [first, second] = value;
    if (typeof first === 'string' && typeof second === 'object') ${next}(first, second, field, value);
    else for (const each of value) ${next}(each, {}, field, value);
  } else if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) ${next}(value[key], options, /^\\d|^[./*^]/.test(key) ? field : key, value);
  }
}`;
}
