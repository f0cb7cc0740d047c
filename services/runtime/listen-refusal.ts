import { StartRefused } from './start-refused.ts';

interface Listening {
  /** What the port is for, as people say it: `MQTT`, `HTTP`. */
  name: string;
  port: number;
  /** The variable that changes the port. */
  variable: string;
  host: string;
}

/** Why a server can't listen, as a sentence with the remedy; an error that no setting mends comes back as it is. */
export const listenRefusal = (error: NodeJS.ErrnoException, { name, port, variable, host }: Listening): Error => {
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartRefused(
        `The ${name} port ${port} is taken. Stop what listens there, or set ${variable} to another port.`,
      );
    case 'EACCES':
      return new StartRefused(
        `The ${name} port ${port} may not be opened by this user. Set ${variable} to a port above 1023.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartRefused(`${host} is no address of this machine. Set HUB_HOST to one that is, or to 0.0.0.0.`);
    default:
      return error;
  }
};
