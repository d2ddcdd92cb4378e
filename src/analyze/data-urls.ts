/** The text of a data: URL. */
export function dataText(url: string): string | null {
  const parts = /^data:([^,]*),(.*)$/s.exec(url);
  if (parts === null) return null;
  try {
    const body = decodeURIComponent(parts[2] as string);
    return /;base64$/i.test(parts[1] as string) ? Buffer.from(body, 'base64').toString('utf8') : body;
  } catch {
    return null;
  }
}
