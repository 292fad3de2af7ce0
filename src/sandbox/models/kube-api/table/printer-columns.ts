import { isArray, isObject, numberAt, stringAt, type Json, type JsonObject } from '../json.ts';
import { parseJsonPath, selectByPath } from '../json-path.ts';
import type { Column } from '../resource-type.ts';
import { AGE, age, NAME } from './columns.ts';

/** The columns of a custom resource: its name, then what the definition lists, or the age. */
export function printerColumns(definitions: readonly JsonObject[]): readonly Column[] {
  if (definitions.length === 0) return [NAME, AGE];
  return [NAME, ...definitions.map(printerColumn)];
}

function printerColumn(definition: JsonObject): Column {
  const type = stringAt(definition, 'type') ?? 'string';
  const steps = parseJsonPath(stringAt(definition, 'jsonPath') ?? '');
  return {
    name: stringAt(definition, 'name') ?? '',
    type,
    format: stringAt(definition, 'format') ?? '',
    description: stringAt(definition, 'description') ?? '',
    priority: numberAt(definition, 'priority') ?? 0,
    value: (object, now) => {
      const found = selectByPath(object, steps);
      const first = found[0];
      if (first === undefined) return null;
      if (type === 'date') return age(typeof first === 'string' ? first : undefined, now);
      if (type === 'integer' || type === 'number' || type === 'boolean') return first;
      return found.map(cellText).join(',');
    },
  };
}

function cellText(value: Json): string {
  if (typeof value === 'string') return value;
  return isArray(value) || isObject(value) ? JSON.stringify(value) : String(value);
}
