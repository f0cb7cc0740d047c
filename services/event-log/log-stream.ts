/** Where the log says what became of itself. */
export const logStream = 'log';
