export { SANDBOX_EXEC, type SeatbeltPrograms } from './programs.js';
export { createSeatbeltSandbox } from './sandbox.js';
