import { type SmtpBehaviour, type SmtpDouble, startSmtpDouble } from '../../test/outbound/smtp-double.ts';
import { createMailer, MailFailed } from './mailer.ts';

let double: SmtpDouble;
beforeEach(async () => {
  double = await startSmtpDouble();
});
afterEach(() => double.stop());

const mail = {
  to: 'li@example.org',
  subject: '【P0 工单】火警 · Fire',
  text: '地点: 花园\n.\n..end\n',
  messageId: 'n1.li',
};
const send = async (): Promise<string> => {
  const mailer = createMailer({ url: double.url, from: 'hub@example.org' });
  try {
    return await mailer.send(mail);
  } finally {
    mailer.close();
  }
};

test('a mail goes out whole, under an id of its own', async () => {
  expect(await send()).toMatch(/^250/);
  const [received] = double.mails;
  expect(received).toMatchObject({ from: 'hub@example.org', to: ['li@example.org'] });
  expect(received!.data).toMatch(/^Message-ID: <n1\.li@xingyuan>/im);
  const [head = '', body = ''] = received!.data.split('\r\n\r\n', 2);
  const encoding = /Content-Transfer-Encoding: (\S+)/i.exec(head)?.[1];
  expect(encoding).toBe('base64');
  expect(Buffer.from(body, 'base64').toString().replaceAll('\r\n', '\n')).toBe(mail.text);
  const subject = [...head.matchAll(/=\?UTF-8\?B\?([^?]+)\?=/gi)].map(([, part]) =>
    Buffer.from(part!, 'base64').toString(),
  );
  expect(subject.join('')).toBe(mail.subject);
});

const at =
  (command: RegExp, answer: string): SmtpBehaviour =>
  (said) =>
    command.test(said) ? answer : undefined;

test.each<[string, SmtpBehaviour, boolean]>([
  ['greets with no', at(/^greeting$/, '421 too busy'), false],
  ['knows no such mailbox', at(/^RCPT/, '550 no such user'), true],
  ['asks to come back', at(/^RCPT/, '450 greylisted'), false],
  ['doesn’t like the sender', at(/^MAIL/, '553 who are you'), true],
  ['doesn’t like the message', at(/^message$/, '554 spam'), true],
  ['has no room', at(/^message$/, '452 disk full'), false],
  ['cuts in the middle', at(/^DATA$/, 'cut'), false],
  ['cuts at once', at(/^greeting$/, 'cut'), false],
])('a server that %s', async (_, behaviour, isFinal) => {
  double.behave(behaviour);
  const error = await send().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MailFailed);
  expect((error as MailFailed).isFinal).toBe(isFinal);
  expect(double.mails).toEqual([]);
});

test('a server that is gone', async () => {
  await double.stop();
  const error = await send().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ isFinal: false, message: expect.stringContaining('ECONNREFUSED') });
  double = await startSmtpDouble();
});
