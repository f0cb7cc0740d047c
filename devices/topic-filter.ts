/** MQTT topic names and filters (MQTT 5.0, 4.7; the same rules as 3.1.1). */

/** A filter that a subscriber may send: `+` fills a whole level, `#` a whole level and only the last [MQTT-4.7.1-1]. */
export const isTopicFilter = (filter: string): boolean => {
  if (filter.length === 0 || filter.includes('\0')) return false;
  const levels = filter.split('/');
  return levels.every((level, index) => {
    if (level.includes('#')) return level === '#' && index === levels.length - 1;
    return !level.includes('+') || level === '+';
  });
};

/** A topic that a publisher may send: not empty, no wildcards [MQTT-3.3.2-2], no NUL [MQTT-4.7.3-2]. */
export const isTopicName = (topic: string): boolean => topic.length > 0 && !/[+#\0]/.test(topic);

/**
 * Whether one of the filters takes in a topic, prepared once for many topics. The same answer as `topicMatches`, without
 * cutting either into its levels.
 */
export const topicMatcher = (filters: readonly string[]): ((topic: string) => boolean) => {
  const literally = (text: string): string => text.replace(/[\\^$.*?()[\]{}|]/g, '\\$&');
  const patterns = filters.map((filter) => {
    const [levels, everything] = filter.endsWith('#') ? [filter.slice(0, -1), true] : [filter, false];
    const beginning = /^[+#]/.test(filter) ? '(?!\\$)' : '';
    const body = levels.split('/').map((level) => (level === '+' ? '[^/]*' : literally(level)));
    // `sport/#` also takes in `sport` itself (4.7.1.2).
    if (everything && body.length > 1) return `${beginning}${body.slice(0, -1).join('/')}(?:/.*)?`;
    return everything ? `${beginning}.*` : beginning + body.join('/');
  });
  const pattern = new RegExp(`^(?:${patterns.join('|')})$`, 's');
  return (topic) => pattern.test(topic);
};

/** Whether `filter` takes in `topic`. */
export const topicMatches = (filter: string, topic: string): boolean => {
  // A leading wildcard does not take in the server's own topics [MQTT-4.7.2-1].
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const wanted = filter.split('/');
  const given = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    // `sport/#` also takes in `sport` itself (4.7.1.2): `#` is asked before the topic runs out.
    if (level === '#') return true;
    if (index >= given.length) return false;
    if (level !== '+' && level !== given[index]) return false;
  }
  return wanted.length === given.length;
};
