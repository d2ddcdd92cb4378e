import type { Interpreter } from '../interpreter/interpreter.js';
import { Api, alternatives, HOLE, knownText, Obj, tainted, unknown, type Value } from '../interpreter/value.js';
import type { Call, Model } from '../outside/api-calls.js';
import { deepTaints } from '../taint/inner-taints.js';
import { joinTaints, type Taints } from '../taint/taint.js';

const PICTURE = /^(?:Image\(\)|document\.createElement\(\))$/;
const ADDRESS = /^(?:https?:)?\/\//i;

/** What a host answered for a picture: the address that an element was given, or that a library is to load. */
function answerFor(I: Interpreter, call: Call, picture: Value | undefined): Taints {
  if (picture === undefined) return null;
  let taints: Taints = null;
  for (const each of alternatives(picture)) {
    const slot = each instanceof Api && PICTURE.test(each.path) ? each.own('src') : each;
    if (slot === undefined || slot.kind === 'accessor' || slot instanceof Obj) continue;
    const shown = knownText(slot);
    const isAddress = shown === null ? slot !== each : ADDRESS.test(shown) || (slot !== each && shown.startsWith(HOLE));
    if (isAddress) taints = joinTaints(taints, I.source('net.response', shown ?? HOLE, call.node, call.frame.file));
  }
  return taints;
}

/** The pixels of a canvas are those of what was drawn on it. */
const drawn: Model = (I, call) => {
  const [picture] = call.args;
  const isElement = picture instanceof Api && PICTURE.test(picture.path);
  const taints = joinTaints(
    answerFor(I, call, picture),
    picture === undefined || isElement ? null : deepTaints(picture),
  );
  if (taints !== null && call.self instanceof Obj) tainted(call.self, taints);
  return undefined;
};

/** A library reads a code, letters or pixels out of a picture at an address, or of an element. */
const read: Model = (I, call) => {
  const taints = answerFor(I, call, call.args[0]);
  return taints === null ? undefined : I.settled(unknown(taints));
};

/** Models of pictures that are read. */
export const PICTURES: [string, Model][] = [
  ['*.drawImage', drawn],
  ['?.drawImage', drawn],
  ...['decodeFromImageUrl', 'decodeFromImage', 'decodeFromImageElement', 'scanImage'].flatMap(
    (name): [string, Model][] => [
      [`*.${name}`, read],
      [`?.${name}`, read],
    ],
  ),
  ...['canvas.loadImage', '@napi-rs/canvas.loadImage', 'skia-canvas.loadImage', 'jimp.read', 'jimp.Jimp.read'].map(
    (path): [string, Model] => [path, read],
  ),
  ...[
    'qr-scanner.scanImage',
    'qr-scanner.default.scanImage',
    'QrScanner.scanImage',
    'tesseract.js.recognize',
    'Tesseract.recognize',
    'get-pixels',
  ].map((path): [string, Model] => [path, read]),
];
