export type VariableValue = string | readonly string[];

export interface Expansion {
  variables: Readonly<Record<string, VariableValue>>;
  from: Date;
  to: Date;
  intervalSeconds: number;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What the browser does first: `${name}` and `${name:sqlstring}`. Throws for what a dashboard doesn't define. */
const expandVariables = (sql: string, variables: Expansion['variables']): string =>
  sql.replace(/\$\{([a-zA-Z_]\w*)(?::([a-z]+))?\}|\[\[(\w+)\]\]/g, (whole, braced, format, bracketed) => {
    const value = variables[braced ?? bracketed];
    if (value === undefined) throw new Error(`unknown variable ${whole}`);
    const values = [value].flat();
    if (format === 'sqlstring') return values.map(quoted).join(',');
    if (format !== undefined) throw new Error(`format ${format} in ${whole} is not known here`);
    if (values.length !== 1) throw new Error(`${whole} has several values: say how they are to be written`);
    return values[0]!;
  });

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

const seconds = (interval: string): number => {
  const [, count, unit] = /^(\d+)([smhdw])$/.exec(interval.replace(/^'|'$/g, '')) ?? [];
  if (count === undefined || unit === undefined) throw new Error(`error parsing interval ${interval}`);
  return Number(count) * units[unit]!;
};

/** The server's macros, by name; `timescaledb` is off in our data source. */
const macro = (name: string, args: readonly string[], { from, to }: Expansion): string => {
  const [column = '', interval = ''] = args;
  switch (name) {
    case '__time':
      return `${column} AS "time"`;
    case '__timeFilter':
      return `${column} BETWEEN '${from.toISOString()}' AND '${to.toISOString()}'`;
    case '__timeFrom':
      return `'${from.toISOString()}'`;
    case '__timeTo':
      return `'${to.toISOString()}'`;
    case '__timeGroup':
      if (args.length < 2) throw new Error(`macro ${name} needs time column and interval`);
      return `floor(extract(epoch from ${column})/${seconds(interval)})*${seconds(interval)}`;
    case '__timeGroupAlias':
      return `${macro('__timeGroup', args, { from, to, variables: {}, intervalSeconds: 0 })} AS "time"`;
    case '__unixEpochFilter':
      return `${column} >= ${Math.floor(+from / 1000)} AND ${column} <= ${Math.floor(+to / 1000)}`;
    default:
      throw new Error(`unknown macro "${name}"`);
  }
};

/**
 * SQL as Grafana's PostgreSQL data source sends it. One pass, and arguments end at the first closing parenthesis and at
 * every comma, so nested calls break here as they do there. `$__timeGroup(…)` before a comma names its column.
 */
export const expand = (sql: string, expansion: Expansion): string => {
  const withVariables = expandVariables(sql, expansion.variables)
    .replaceAll('$__interval_ms', String(expansion.intervalSeconds * 1000))
    .replaceAll('$__interval', `${expansion.intervalSeconds}s`);
  return withVariables.replace(/\$([_a-zA-Z0-9]+)\(([^)]*)\)/g, (whole, name: string, list: string) => {
    const after = withVariables[withVariables.indexOf(whole) + whole.length];
    const named = name === '__timeGroup' && after === ',' ? '__timeGroupAlias' : name;
    return macro(
      named,
      list.split(',').map((argument) => argument.replace(/^ +| +$/g, '')),
      expansion,
    );
  });
};
