import type { FieldSpec } from './field-spec.ts';

/** Where a person begins: the first thing that has to be said, or else the words. */
export const firstField = (fields: readonly FieldSpec[], initial: Record<string, unknown> = {}): string | undefined =>
  (
    fields.find(({ name, required }) => required === true && initial[name] === undefined) ??
    fields.find(({ kind }) => kind === 'text' || kind === 'area') ??
    fields[0]
  )?.name;
