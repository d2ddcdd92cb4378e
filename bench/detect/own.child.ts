// Scans one package a message with this repository's analyzer, at its default thresholds.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { analyzeFolder, analyzeTarball, defaultRulesFolder, loadRules } from '../../src/analyze/index.js';

const requestSchema = z.object({ path: z.string(), kind: z.enum(['folder', 'tarball']) });
const rules = loadRules([defaultRulesFolder()]);

process.on('message', (message) => {
  try {
    const { path, kind } = requestSchema.parse(message);
    const before = process.cpuUsage();
    const verdict = kind === 'folder' ? analyzeFolder(path, rules) : analyzeTarball(readFileSync(path), rules);
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    const found = verdict.findings.toSorted((a, b) => b.weight - a.weight).map(({ rule }) => rule);
    const rssMb = process.memoryUsage.rss() / 2 ** 20;
    process.send?.({ action: verdict.action, score: verdict.score, rules: [...new Set(found)], ms, rssMb });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
