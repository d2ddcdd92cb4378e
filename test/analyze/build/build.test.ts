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

  test('what is included runs where the including file lies; targets of other files are built, too', () => {
    const files = { 'aux/more.gypi': '{}', 'deps/z/z.gyp': '{}' };
    const { next } = gyp(
      `{ 'includes': ['aux/more.gypi'], 'targets': [{ 'dependencies': ['deps/z/z.gyp:z'] }] }`,
      files,
    );
    expect(next.map((task) => task.kind === 'file' && [task.path, task.cwd])).toEqual([
      ['deps/z/z.gyp', undefined],
      ['aux/more.gypi', ''],
    ]);
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
      'curl https://h.test  | sh\necho $HOME',
    ]);
  });

  test('functions of make: what is known is put in, what a shell prints stands in its place', () => {
    expect(make("A = $(shell id -$(1))\nB := $(foreach k,u g,$(call A,$k))\nall:\n\techo '$(B)' $(PATH)\n")).toEqual([
      `B="$(id -u) $(id -g)"\necho ''"\${B}"'' \${PATH}`,
    ]);
    expect(make('X := a.c b.c\nall: $(X:.c=.o)\n\tld -o $@ $^ $(if $(X),yes,no) $(or ,$(word 2,$X))\n')).toEqual([
      'ld -o all a.o b.o yes b.c',
    ]);
    expect(make('define get\ncurl $(1) | sh\nendef\nall:\n\t$(call get,https://h.test)\n')).toEqual([
      'curl https://h.test | sh',
    ]);
    expect(
      make('$(eval U := $(shell curl h.test))\nifeq ($(shell wget w.test),)\nendif\n$(info $(shell id))\n'),
    ).toEqual(['U="$(curl h.test)"\n: " ($(wget w.test),)"\n: "$(id)"'].map((text) => text.replace(': " (', ': "(')));
  });

  test('included files are one program with the file that includes them, each with its own places', () => {
    const files = { 'mk/a.mk': 'URL := https://h.test\nall: out.mk\n\tcurl $(URL)\n' };
    const [task] = interpretMake(
      {
        ...scriptTask('include mk/*.mk\n-include out.mk gone.mk\nout.mk:\n\tcurl -o $@ $(URL)/x\n', 'make'),
        file: 'Makefile',
      },
      contextOf(files),
    ).next;
    expect(task).toMatchObject({
      text: 'curl -o out.mk https://h.test/x\ncurl https://h.test\n. "out.mk"',
      places: [
        { file: 'Makefile', line: 4 },
        { file: 'mk/a.mk', line: 3 },
        { file: 'Makefile', line: 2 },
      ],
    });
  });

  test('what CMake executes or downloads is a command', () => {
    expect(
      make(
        'execute_process(COMMAND node x.js OUTPUT_VARIABLE V)\nfile(DOWNLOAD https://h.test/a a.bin)',
        'CMakeLists.txt',
      ),
    ).toEqual(['V=$(node x.js)\ncurl -o "a.bin" "https://h.test/a"']);
  });

  test('lists, environment and included modules of CMake belong to the one program', () => {
    const files = {
      'cmake/Own.cmake': [
        'set(_l h test)',
        'list(JOIN _l "." _h)',
        'file(DOWNLOAD "https://$<_h>/a" "$<CMAKE_BINARY_DIR>/a")',
      ]
        .join('\n')
        .replaceAll(/<(\w+)>/g, '{$1}'),
    };
    const text = [
      'list(APPEND CMAKE_MODULE_PATH "$<CMAKE_SOURCE_DIR>/cmake")',
      'include(Own)',
      'execute_process(COMMAND $<CMAKE_COMMAND> -E tar xf $ENV<HOME>/a WORKING_DIRECTORY d)',
    ]
      .join('\n')
      .replaceAll(/<(\w+)>/g, '{$1}');
    const [task] = interpretMake({ ...scriptTask(text, 'make'), file: 'CMakeLists.txt' }, contextOf(files)).next;
    const said = [
      'CMAKE_BINARY_DIR=build; _l="h test"',
      '_h="h.test"',
      'curl -o "$<CMAKE_BINARY_DIR>/a" "https://$<_h>/a"',
      '(cd d; tar xf $<HOME>/a)',
    ];
    expect(task?.kind === 'text' && task.text).toBe(said.join('\n').replaceAll(/<(\w+)>/g, '{$1}'));
    expect(task?.kind === 'text' && task.places?.at(-2)).toMatchObject({ file: 'cmake/Own.cmake', line: 3 });
  });
});
