/** 1-based line of a field in a JSON text, found by its path (`['scripts', 'postinstall']`); 0 where it does not occur. */
export function lineOfField(text: string, path: readonly string[]): number {
  let from = 0;
  for (const key of path) {
    const at = text.indexOf(JSON.stringify(key), from);
    if (at < 0) return 0;
    from = at;
  }
  if (path.length === 0) return 0;
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < from; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
