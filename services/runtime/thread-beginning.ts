/** A thread doesn't inherit the loader that runs TypeScript, so it begins with that. */
export const threadBeginning = (program: string): string => {
  const loader = import.meta.resolve('tsx/esm/api');
  return `import('${loader}').then(({ register }) => { register(); return import('${program}'); })`;
};
