/** A JSON Schema, as far as the reference pages read it. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  minimum?: number;
  maximum?: number;
  required?: string[];
}

/** Rows of a reference table: every key by its path, what it may be, what it means. */
export function schemaRows(schema: JsonSchema, path = ''): string[] {
  const rows: string[] = [];
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    const at = path === '' ? key : `${path}.${key}`;
    rows.push(`| \`${at}\` | ${cell(typeText(child))} | ${cell(child.description ?? '')} |`);
    rows.push(...below(child, at));
  }
  return rows;
}

function below(schema: JsonSchema, at: string): string[] {
  const inner = schema.anyOf?.find((option) => option.type !== 'null') ?? schema;
  if (inner.properties !== undefined) return schemaRows(inner, at);
  if (inner.items !== undefined) return below(inner.items, `${at}[]`);
  if (typeof inner.additionalProperties === 'object') return below(inner.additionalProperties, `${at}.<key>`);
  return [];
}

function typeText(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(' or ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  if (schema.items !== undefined) return `list of ${typeText(schema.items)}`;
  if (typeof schema.additionalProperties === 'object') return `table of ${typeText(schema.additionalProperties)}`;
  const type = Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'any');
  const { minimum, maximum } = schema;
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && minimum !== undefined;
  return bounded ? `${type} ${minimum}–${maximum}` : type;
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
