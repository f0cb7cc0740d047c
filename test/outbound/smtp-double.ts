import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface ReceivedMail {
  from: string;
  to: string[];
  /** Header and body as they came, dots unstuffed. */
  data: string;
}

/** What the server says to a command; `hang` says nothing, `cut` closes the connection. */
export type SmtpAnswer = string | 'hang' | 'cut';
export type SmtpBehaviour = (command: string) => SmtpAnswer | undefined;

const addressIn = (line: string): string => /<([^>]*)>/.exec(line)?.[1] ?? '';

/** A mail server that speaks as much of SMTP (RFC 5321) as a sender needs, and fails where it is told to. */
export const startSmtpDouble = async () => {
  const mails: ReceivedMail[] = [];
  const state: { behaviour: SmtpBehaviour } = { behaviour: () => undefined };
  const sockets = new Set<Socket>();

  const usual = (command: string): string => {
    if (command === 'greeting') return '220 double ESMTP';
    if (/^EHLO/i.test(command)) return '250-double\r\n250 8BITMIME';
    if (/^DATA$/i.test(command)) return '354 go on';
    if (/^QUIT$/i.test(command)) return '221 bye';
    return '250 ok';
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    let text = '';
    let mail: ReceivedMail = { from: '', to: [], data: '' };
    let isInData = false;
    const say = (command: string): boolean => {
      const answer = state.behaviour(command) ?? usual(command);
      if (answer === 'cut') socket.destroy();
      else if (answer !== 'hang') socket.write(`${answer}\r\n`);
      return /^[23]/.test(answer);
    };
    const takeData = (): boolean => {
      const end = text.indexOf('\r\n.\r\n');
      if (end === -1) return false;
      mail.data = text.slice(0, end).replaceAll('\r\n..', '\r\n.');
      text = text.slice(end + 5);
      isInData = false;
      if (say('message')) mails.push(mail);
      mail = { from: '', to: [], data: '' };
      return true;
    };
    const takeLine = (): boolean => {
      const end = text.indexOf('\r\n');
      if (end === -1) return false;
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      if (!say(line)) return true;
      if (/^MAIL FROM/i.test(line)) mail.from = addressIn(line);
      if (/^RCPT TO/i.test(line)) mail.to.push(addressIn(line));
      if (/^DATA$/i.test(line)) isInData = true;
      if (/^QUIT$/i.test(line)) socket.end();
      return true;
    };
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      while (isInData ? takeData() : takeLine());
    });
    say('greeting');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    mails,
    url: `smtp://127.0.0.1:${port}`,
    behave(behaviour: SmtpBehaviour): void {
      state.behaviour = behaviour;
    },
    async stop(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};

export type SmtpDouble = Awaited<ReturnType<typeof startSmtpDouble>>;
