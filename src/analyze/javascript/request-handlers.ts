/** The request of a server's handler, told by the parameter beside it: `(req, res)`, `(ctx, next)`. */
export function isHandled(name: string, next: string | undefined): boolean {
  return (
    next !== undefined &&
    /^_?(?:req|request|ctx|context)$/.test(name) &&
    /^_?(?:res|resp|response|reply|next|done|cb|h)$/.test(next)
  );
}
