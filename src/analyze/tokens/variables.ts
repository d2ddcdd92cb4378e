const DECLARATION =
  /^[ \t]*(?:(?:my|our|local|let|var|const|final|static|global|set|Dim|char|auto|String|string)\s+)*([$@]?[A-Za-z_]\w*)(?:\[\])?\s*(?::=|=(?![=~>]))\s*(?:([bBrR]?(["'])(?:\\.|(?!\3)[^\\\n])*\3)[ \t]*;?[ \t]*$)?/gm;

/** Puts texts that were given a name once into the calls that are handed the name, in whatever language. */
export function withVariables(text: string): string {
  const texts = new Map<string, string | null>();
  for (const match of text.matchAll(DECLARATION)) {
    const name = match[1] ?? '';
    texts.set(name, texts.has(name) ? null : (match[2] ?? null));
  }
  if ([...texts.values()].every((value) => value === null)) return text;
  return text
    .replace(/([(,[]\s*)([$@]?[A-Za-z_]\w*)(?=\s*[,)\]])/g, (whole, before: string, name: string) => {
      const known = texts.get(name);
      return known === undefined || known === null ? whole : before + known;
    })
    .replace(/(?<=[\s&|;])(\$[A-Za-z_]\w*)(?=\s*(?:[;|\n)]|$))/g, (whole, name: string, at: number) => {
      const known = texts.get(name);
      return known === undefined || known === null || /=\s*$/.test(text.slice(at - 3, at)) ? whole : known;
    });
}
