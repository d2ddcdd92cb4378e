import { describe, expect, test } from 'vitest';
import { interpretGyp, interpretMake } from '../../../src/analyze/build/index.js';
import type { FrontEndResult } from '../../../src/analyze/task.js';
import { contextOf, scriptTask } from '../in-memory.js';

const texts = (result: FrontEndResult): string[] =>
  result.next.map((task) => (task.kind === 'text' ? task.text : task.path));
const gyp = (text: string, files: Record<string, string> = {}): FrontEndResult =>
  interpretGyp({ ...scriptTask(text, 'gyp'), file: 'binding.gyp' }, contextOf(files));

describe('gyp', () => {
  test('every command expansion is a command, in any string', () => {
    expect(
      texts(gyp(`{ 'targets': [{ 'sources': ['<!(node x.js)', "<!@(sh -c 'echo (a)')"], 'v%': '>!(id)' }] }`)),
    ).toEqual(['node x.js', "sh -c 'echo (a)'", 'id']);
  });

  test('actions and includes are read, comments are not', () => {
    const result = gyp(
      `{ # <!(no)\n 'includes': ['more.gypi'], 'actions': [{ 'action': ['node', '<(PRODUCT_DIR)/../../run.js', 'a b'] }] }`,
      { 'more.gypi': '{}' },
    );
    expect(texts(result)).toEqual(["node build/Release/../../run.js 'a b'", 'more.gypi']);
  });

  test('variables of any file of the package are put in, also into commands made of them', () => {
    const common = `{ 'variables': { 'python%': 'python3', 'tool': '<(python) probe.py', 'list': ['a', 'b'] } }`;
    expect(
      texts(
        gyp(`{ 'includes': ['c.gypi'], 'v': '<!(<(tool))', 'w': '<!(run <@(list) <(unknown))' }`, { 'c.gypi': common }),
      ),
    ).toEqual(['python3 probe.py', 'run a b \uFFFC', 'c.gypi']);
  });

  test('an include that is not there is said', () => {
    expect(gyp(`{ 'includes': ['gone.gypi'] }`).facts.map((fact) => fact.id)).toEqual(['unresolved-entry.missing']);
  });
});

describe('make', () => {
  const make = (text: string, file = 'Makefile'): string[] =>
    texts(interpretMake({ ...scriptTask(text, 'make'), file }, contextOf({})));

  test('recipes and variables become one shell text', () => {
    expect(make('URL := https://h.test\nall: dep\n\t@curl $(URL) \\\n\t  | sh\n\t-echo $$HOME\n')).toEqual([
      'URL="https://h.test"\ncurl ${URL}  | sh\necho $HOME',
    ]);
  });

  test('what CMake executes or downloads is a command', () => {
    expect(
      make(
        'execute_process(COMMAND node x.js OUTPUT_VARIABLE V)\nfile(DOWNLOAD https://h.test/a a.bin)',
        'CMakeLists.txt',
      ),
    ).toEqual(['node x.js\ncurl -o "a.bin" "https://h.test/a"']);
  });
});
