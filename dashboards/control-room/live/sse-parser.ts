export interface SseMessage {
  event: string;
  id: string | null;
  data: string;
}

/**
 * Server-sent events as the HTML standard has them (section 9.2.6). The browser's EventSource hears only the event names
 * it was told beforehand; the hub's grow with every new kind of device, so the page reads the stream itself.
 */
export function createSseParser(onMessage: (message: SseMessage) => void): (chunk: string) => void {
  let rest = '';
  let message: SseMessage = { event: 'message', id: null, data: '' };
  let hasData = false;

  const line = (text: string): void => {
    if (text === '') {
      if (hasData) onMessage(message);
      message = { event: 'message', id: null, data: '' };
      hasData = false;
      return;
    }
    const colon = text.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? text : text.slice(0, colon);
    const value = colon === -1 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') message.event = value;
    if (field === 'id') message.id = value;
    if (field === 'data') {
      message.data = hasData ? `${message.data}\n${value}` : value;
      hasData = true;
    }
  };

  return (chunk) => {
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const text of lines) line(text);
  };
}
