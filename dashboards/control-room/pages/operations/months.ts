/** `2026-03` of an instant in a zone. */
export const monthOf = (day: string): string => day.slice(0, 7);

/** The month so many months before. */
export function monthsBefore(month: string, count: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const whole = year * 12 + (number - 1) - count;
  return `${Math.floor(whole / 12)}-${String((whole % 12) + 1).padStart(2, '0')}`;
}
