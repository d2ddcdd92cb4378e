/** The table that a statement drops or empties. */
const EMPTIED =
  /\b(?:drop\s+table(?:\s+if\s+exists)?|truncate(?:\s+table)?|delete\s+from|update)\s+["`[]?((?:\w+\.)?\w+)["`\]]?/i;
const LONGEST_NAME = 80;

/** What can be made anew out of something else at any time. */
const DERIVED = /(?:^|_)(?:vec|vectors?|fts\d?|index|cache\w*|te?mp|embeddings?|staging|backup|old|new)(?:_|$)/i;

/**
 * Whether a file itself makes the table that its statement empties: `derived` where that is an index, a cache or a table for the time being,
 * `made` where it may hold what users have put there; null where others make it.
 */
export function tableMade(statement: string, text: string): 'derived' | 'made' | null {
  const name = EMPTIED.exec(statement)?.[1];
  if (name === undefined || name.length > LONGEST_NAME) return null;
  const variable = new RegExp(`([\\w$]{1,60})\\s{0,9}[=:]\\s{0,9}["'\`]${name}["'\`]`).exec(text)?.[1];
  const written = variable === undefined ? '' : `|\\$\\{(?:\\w+\\.)?${variable.replace(/\$/g, '\\$')}\\}`;
  const made = new RegExp(
    `\\bcreate\\s+((?:global\\s+|local\\s+)?(?:virtual|temp|temporary|unlogged)\\s+)?table\\s+(?:if\\s+not\\s+exists\\s+)?\\\\?["'\`[]?(?:(?:\\w+\\.)?${name}\\b${written})`,
    'i',
  ).exec(text);
  if (made === null) return null;
  return made[1] !== undefined || DERIVED.test(name) ? 'derived' : 'made';
}
