import { expect, test } from 'vitest';
import { follow } from '../sample.js';

const barrel = (from: string): string => `"use strict";
var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    var desc = Object.getOwnPropertyDescriptor(m, k);
    if (!desc || ("get" in desc ? !m.__esModule : desc.writable || desc.configurable)) {
      desc = { enumerable: true, get: function() { return m[k]; } };
    }
    Object.defineProperty(o, k2, desc);
}) : (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    o[k2] = m[k];
}));
var __exportStar = (this && this.__exportStar) || function(m, exports) {
    for (var p in m) if (p !== "default" && !Object.prototype.hasOwnProperty.call(exports, p)) __createBinding(exports, m, p);
};
Object.defineProperty(exports, "__esModule", { value: true });
__exportStar(require("${from}"), exports);`;

test('a function that is handed on by one barrel to the next is called by nobody', () => {
  const { observations } = follow({
    'index.js': barrel('./parts'),
    'parts/index.js': barrel('./clear'),
    'parts/clear.js': `Object.defineProperty(exports, "__esModule", { value: true });
exports.clear = void 0;
function clear(folder) { require('fs').rmSync(folder, { recursive: true }); }
exports.clear = clear;`,
  });
  const removed = observations.filter(({ sink }) => sink === 'fs.delete');
  expect(removed.map(({ unasked }) => unasked)).toEqual([false]);
});

test('a setter that a descriptor defines is called with what is written', () => {
  const { observations } = follow(`const kept = {};
Object.defineProperty(kept, 'command', { get() { return 1; }, set(value) { require('child_process').exec(value); } });
kept.command = 'id';`);
  expect(observations.find(({ sink }) => sink === 'process.spawn')).toMatchObject({ target: 'id', unasked: true });
});
