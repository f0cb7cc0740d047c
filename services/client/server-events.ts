export interface ServerEvent {
  event: string;
  data: unknown;
}

const parsed = (frame: string): ServerEvent | undefined => {
  const fieldOf = (name: string): string | undefined =>
    frame
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const data = fieldOf('data');
  return data === undefined ? undefined : { event: fieldOf('event') ?? 'message', data: JSON.parse(data) };
};

/** The server-sent events of an answer of the hub, whose data is one line of JSON. */
export async function* serverEvents(answer: Response): AsyncGenerator<ServerEvent> {
  let rest = '';
  const text = answer.body!.pipeThrough(new TextDecoderStream());
  for await (const chunk of text) {
    const frames = (rest + chunk).split('\n\n');
    rest = frames.pop()!;
    for (const frame of frames) {
      const event = parsed(frame);
      if (event !== undefined) yield event;
    }
  }
}
