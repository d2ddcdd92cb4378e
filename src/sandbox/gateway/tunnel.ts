import type { Socket } from 'node:net';

/** Joins two connections until both ends are done; an error on one ends the other. Calls back with the bytes moved. */
export function joinSockets(inside: Socket, outside: Socket, done: (sent: number, received: number) => void): void {
  let finished = false;
  const finish = () => {
    if (finished) return;
    finished = true;
    done(outside.bytesWritten, outside.bytesRead);
  };
  for (const [socket, other] of [
    [inside, outside],
    [outside, inside],
  ] as const) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => {
      finish();
      other.destroySoon();
    });
  }
  inside.pipe(outside);
  outside.pipe(inside);
}
