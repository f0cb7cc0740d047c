import { createTransport } from 'nodemailer';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** The same for every try of one mail, so that a mailbox may drop what comes twice. */
  messageId: string;
}

/** The mail didn't go out. `isFinal`: the server will never take it (SMTP 5xx, RFC 5321, 4.2.1). */
export class MailFailed extends Error {
  constructor(
    message: string,
    readonly isFinal: boolean,
  ) {
    super(message);
  }
}

export type SendMail = (mail: Mail) => Promise<string>;

const timeoutMs = 10_000;

/** Sends by the server that `url` names (`smtp://user:password@host:587`, `smtps://…`). */
export const createMailer = ({ url, from }: { url: string; from: string }): { send: SendMail; close(): void } => {
  const transport = createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ messageId, ...mail }) {
      try {
        const { response } = await transport.sendMail({ from, ...mail, messageId: `<${messageId}@xingyuan>` });
        return response;
      } catch (error) {
        const { responseCode, message } = error as { responseCode?: number; message: string };
        throw new MailFailed(message, responseCode !== undefined && responseCode >= 500);
      }
    },
    close: () => transport.close(),
  };
};
