import type { Interpreter } from '../interpreter/interpreter.js';
import type { Value } from '../interpreter/value.js';
import { addressSwapped } from './address-swaps.js';
import type { Call } from './api-calls.js';
import { linkLed } from './links-led.js';
import { registryReplaced } from './package-sources.js';
import { tagsInserted } from './script-tags.js';

/** Looks at what is put into a text in the place of a part of it. */
export function partReplaced(I: Interpreter, call: Call, put: Value): void {
  addressSwapped(I, call, put);
  linkLed(I, call, put);
  registryReplaced(I, call, put);
  tagsInserted(I, call, put);
}
