import { describe, expect, test } from 'vitest';
import { isSpecial, rulesFor } from '../../../src/analyze/build/make-goals.js';
import { HOLE } from '../../../src/analyze/task.js';

const rule = (text: string) => {
  const [targets = '', needs = ''] = text.split(':');
  const words = (part: string) => part.split(' ').filter((word) => word !== '');
  return { text, targets: words(targets), needs: words(needs) };
};
const reached = (rules: string[], goals: string[], makefiles: string[] = ['Makefile'], chosen = ''): string[] =>
  rulesFor(rules.map(rule), goals, makefiles, chosen).map(({ text }) => text);

describe('the rules that make runs', () => {
  test('those of its goals and of what these need', () => {
    const rules = ['all: lib', 'lib: a.o', 'publish: lib', 'a.o: gen', 'gen:', 'clean:'];
    expect(reached(rules, ['lib'])).toEqual(['lib: a.o', 'a.o: gen', 'gen:']);
    expect(reached(rules, ['./clean', 'gen'])).toEqual(['gen:', 'clean:']);
  });

  test('without a goal the first target that can be one, or that the makefile chooses', () => {
    const rules = ['.stamp: x', '%.o: %.c', 'first: .stamp', 'second:', 'x:'];
    expect(reached(rules, [])).toEqual(['.stamp: x', 'first: .stamp', 'x:']);
    expect(reached(rules, [], ['Makefile'], 'second')).toEqual(['second:']);
  });

  test('patterns and suffixes make what fits them, and need what their stem says', () => {
    const rules = ['all: main.o', '%.o: src/%.gen', 'src/main.gen: fetch', 'src/other.gen:', 'fetch:', '.c.o:'];
    expect(reached(rules, [])).toEqual(['all: main.o', '%.o: src/%.gen', 'src/main.gen: fetch', 'fetch:', '.c.o:']);
  });

  test('makefiles are remade before anything else, also those that are not there', () => {
    expect(reached(['all:', 'gone.mk: dep', 'dep:', 'Makefile:', 'other:'], ['all'], ['Makefile', 'gone.mk'])).toEqual([
      'all:',
      'gone.mk: dep',
      'dep:',
      'Makefile:',
    ]);
  });

  test('what nobody makes comes from .DEFAULT', () => {
    expect(reached(['all:', '.DEFAULT:'], ['strange'])).toEqual(['.DEFAULT:']);
    expect(reached(['all:', '.DEFAULT:'], ['all'], [])).toEqual(['all:']);
  });

  test.each([`all: ${HOLE}x`, `${HOLE}: a`, '$(X):', 'all: \u0002{X}'])(
    'where a name is not known, all of them: %j',
    (text) => {
      expect(reached([text, 'clean:'], ['all'])).toEqual([text, 'clean:']);
    },
  );
});

test('what is said of targets is no rule', () => {
  expect([['.PHONY'], ['.DEFAULT'], ['.stamp'], ['all', '.PHONY'], []].map(isSpecial)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
