/** Ways to go through all files below a folder. */
const WALK =
  /\bos\.walk\s*\(|\.(?:rglob|walk)\s*\(|\bi?glob\s*\([^)]*(?:recursive|\*\*)|\bFile::Find\b|\bfind(?:depth)?\s*\(\s*(?:\\&|sub\b|\{)|\bFind\.find\b|Dir(?:\.glob\s*\(?|\[)[^\n]*\*\*|Recursive(?:Directory)?Iterator|filepath\.Walk(?:Dir)?\s*\(|\bWalkDir::new|Files\.walk\w*\s*\(|\bnftw\s*\(|\blfs\.dir\s*\(|EnumerateFiles\s*\([^)]*AllDirectories|Get-ChildItem\b[^\n|]*-Recurse/i;
/** What makes a file's content go. */
const OVERWRITES =
  /["']r\+b?["']|["'][wa]b["']|["']\+<|os\.O_(?:WRONLY|RDWR)|\btruncate\s*\(|\.write_(?:bytes|text)\s*\(|file_put_contents\s*\(|\bWriteFile\s*\(|\bfs::write\s*\(|File\.(?:bin)?write|IO\.(?:bin)?write|WriteAllBytes|["'][wa]["']/;
const REMOVES =
  /\bos\.(?:remove|unlink|Remove(?:All)?)\s*\(|\.unlink\s*\(|\bunlink\b|shutil\.rmtree\s*\(|File\.(?:delete|unlink)|FileUtils\.rm|remove_tree|\bfs::remove|Files\.delete|File\.Delete\s*\(|Remove-Item/;
const FILLING =
  /b?["'](?:\\0|\\x00|\\x[0-9a-f]{2})+["']\s*(?:\*|x\b|\.ljust)|urandom|token_bytes|random_bytes|randbytes|SecureRandom|str_repeat\s*\(\s*["'](?:\\0|\\x00|0)|make\(\[\]byte|bytes?\(\s*\w+\s*\)|vec!\[0|truncate\s*\(\s*(?:0|\w+\s*,\s*0)/;
const OUTSIDE =
  /expanduser|Path\.home\(|\bHOME\b|USERPROFILE|INIT_CWD|Dir\.home|UserHomeDir|home_dir\(|["'](?:\/(?!dev\/null|tmp\b|sys\/|proc\/)[a-zA-Z][\w.-]*(?:\/[^"'\n]*)?|~\/?[^"'\n]*|\.\.\/\.\.[^"'\n]*|[A-Z]:\\[^"'\n]*)["']/;

/**
 * Whether a text goes through a folder that is not its own and makes what it finds unreadable, or removes it all when a place or
 * time is right; the call that does so.
 */
export function destroyingWalk(text: string, isGuarded: boolean): { at: number; call: string } | null {
  const walk = WALK.exec(text);
  if (walk === null || !OUTSIDE.test(text)) return null;
  const removes = REMOVES.test(text);
  const overwrites = OVERWRITES.test(text) && FILLING.test(text);
  if (!(overwrites && removes) && !(isGuarded && (removes || overwrites))) return null;
  return { at: walk.index, call: walk[0].trim() };
}
