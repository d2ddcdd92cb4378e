/** Words that name no variable (ECMA-262, 12.7.2), with the literals that look like names. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  (
    'await break case catch class const continue debugger default delete do else enum export extends false finally for function if import ' +
    'in instanceof new null return super switch this throw true try typeof var void while with yield'
  ).split(' '),
);
