const words = new Set([
  ...['by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'offset', 'bool', 'and', 'or', 'unless'],
  ...['le', 'inf', 'nan'],
]);

export interface UsedMetric {
  name: string;
  /** Labels in its own braces. */
  labels: string[];
}

/** What a query reads: the metrics with the labels that select, and the labels that it groups by. */
export const usedBy = (expr: string): { metrics: UsedMetric[]; grouped: string[] } => {
  const grouped = [...expr.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)]
    .flatMap(([, list]) => list!.split(','))
    .map((label) => label.trim());
  const plain = expr.replace(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, ' ').replace(/\[[^\]]*\]/g, ' ');
  const metrics = [...plain.matchAll(/([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?(\s*\()?/g)]
    .filter(([, name, , call]) => call === undefined && !words.has(name!.toLowerCase()))
    .map(([, name, braces]) => ({
      name: name!,
      labels: [...(braces ?? '').matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!),
    }));
  return { metrics, grouped };
};
