import { z } from 'zod';
import { policyFileSchema } from './schema.js';

/** The policy file's JSON Schema (draft 2020-12), for editors: `schemas/policy.schema.json`. */
export function policyJsonSchema(): object {
  return {
    ...z.toJSONSchema(policyFileSchema, { io: 'input', target: 'draft-2020-12' }),
    title: 'Policy of safe-install',
    description: 'safe-install.yaml, safe-install.json, or safe-install in package.json',
  };
}
