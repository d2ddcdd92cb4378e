const MOST = 40;

/** Comments of Markdown, and what stands below a page of empty lines. */
const PARTS =
  /<!--([\s\S]{0,4000}?)(?:-->|$)|\[\/\/\]: # \(([^\n]{0,4000})|\n[^\S\n]*(?:\n[^\S\n]*){15,60}(\S[\s\S]{0,2000})/g;

/** Parts of a text for people that they do not get to see. */
export function partsOutOfSight(text: string): { at: number; part: string }[] {
  const parts: { at: number; part: string }[] = [];
  for (const match of text.matchAll(PARTS)) {
    const [, comment, note, below] = match;
    parts.push({ at: match.index, part: comment ?? note ?? below ?? '' });
    if (parts.length >= MOST) break;
  }
  return parts;
}
