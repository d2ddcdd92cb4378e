import type { ShellValue } from './value.js';

/** The arguments of a command, told apart into options with their values and operands. */
export interface ParsedArguments {
  options: { name: string; value: ShellValue | null }[];
  operands: ShellValue[];
}

/**
 * Splits arguments in the way of getopt.
 *
 * @param withValue names of options that take a value: `d` for `-d`, `data` for `--data`
 */
export function parseArguments(args: readonly ShellValue[], withValue: ReadonlySet<string>): ParsedArguments {
  const options: ParsedArguments['options'] = [];
  const operands: ShellValue[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (arg === undefined) break;
    if (arg.text === '--') {
      operands.push(...args.slice(index + 1));
      break;
    }
    const long = /^--([\w-]+)(?:=([\s\S]*))?$/.exec(arg.text);
    if (long !== null) {
      const name = long[1] ?? '';
      if (long[2] !== undefined) options.push({ name, value: { ...arg, text: long[2] } });
      else if (withValue.has(name)) options.push({ name, value: args[++index] ?? null });
      else options.push({ name, value: null });
    } else if (/^-[^-\s\d]/.test(arg.text)) {
      index = shortOptions(arg, args, index, withValue, options);
    } else {
      operands.push(arg);
    }
  }
  return { options, operands };
}

function shortOptions(
  arg: ShellValue,
  args: readonly ShellValue[],
  index: number,
  withValue: ReadonlySet<string>,
  options: ParsedArguments['options'],
): number {
  for (let at = 1; at < arg.text.length; at += 1) {
    const name = arg.text.charAt(at);
    if (!withValue.has(name)) {
      options.push({ name, value: null });
      continue;
    }
    const glued = arg.text.slice(at + 1);
    if (glued !== '') {
      options.push({ name, value: { ...arg, text: glued } });
      return index;
    }
    options.push({ name, value: args[index + 1] ?? null });
    return index + 1;
  }
  return index;
}

/** Value of the first of these options that is there. */
export function optionValue(parsed: ParsedArguments, ...names: string[]): ShellValue | null {
  return parsed.options.find((option) => names.includes(option.name))?.value ?? null;
}

export function hasOption(parsed: ParsedArguments, ...names: string[]): boolean {
  return parsed.options.some((option) => names.includes(option.name));
}
