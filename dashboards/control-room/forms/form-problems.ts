import type { FormInstance } from 'antd';
import { useEffect } from 'react';
import { ApiProblem } from '../api/client.ts';

export interface FieldProblem {
  field: string;
  message: string;
}

/** `figures.parkingSpaces` or `positions.3.name`, as a form of Ant Design names the same field. */
const pathOf = (field: string): (string | number)[] =>
  field.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));

/** The problems that a field of the form can carry, and those that only the form as a whole can. */
export function splitProblems(
  problems: readonly FieldProblem[],
  hasField: (path: (string | number)[]) => boolean,
): { ofFields: { name: (string | number)[]; errors: string[] }[]; ofForm: FieldProblem[] } {
  const ofFields = new Map<string, { name: (string | number)[]; errors: string[] }>();
  const ofForm: FieldProblem[] = [];
  for (const problem of problems) {
    // The nearest field that the form shows: a list's own, where its line has none.
    const whole = pathOf(problem.field);
    const name = whole.map((_, index) => whole.slice(0, whole.length - index)).find(hasField);
    if (name === undefined) {
      ofForm.push(problem);
      continue;
    }
    const key = name.join('.');
    const held = ofFields.get(key) ?? { name, errors: [] };
    held.errors.push(problem.message);
    ofFields.set(key, held);
  }
  return { ofFields: [...ofFields.values()], ofForm };
}

/** Puts what the API refused beside the fields it names; answers what is left to be said beneath the form. */
export function useFieldProblems(form: FormInstance, error: Error | null): Error | null {
  const fields = error instanceof ApiProblem ? error.fields : [];
  const hasField = (path: (string | number)[]): boolean => form.getFieldInstance(path) !== undefined;
  useEffect(() => {
    if (!(error instanceof ApiProblem)) return;
    const { ofFields } = splitProblems(error.fields, (path) => form.getFieldInstance(path) !== undefined);
    form.setFields(ofFields);
    const [first] = ofFields;
    if (first !== undefined) form.focusField(first.name);
  }, [form, error]);
  if (error === null) return null;
  const { ofFields, ofForm } = splitProblems(fields, hasField);
  return ofFields.length > 0 && ofForm.length === 0 ? null : error;
}
