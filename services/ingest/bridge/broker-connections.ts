import { type BrokerConnection, type ConnectionParts, connectBroker } from './broker-connection.ts';
import { clientIdOf } from './settings.ts';

export interface ConnectionsParts extends Omit<ConnectionParts, 'up' | 'down' | 'watchesBroker'> {
  /** One is up, beside so many others. */
  up(sessionLost: boolean, others: number): void;
  down(byUs: boolean, others: number): void;
}

/**
 * The connections of one process, which share the subscription when there are several: the broker gives each message
 * to one of them. Each keeps a session and drops by itself; the bridge is connected as long as one of them is.
 */
export const connectBrokers = (parts: ConnectionsParts): BrokerConnection => {
  const { settings } = parts;
  const connections: BrokerConnection[] = [];
  const upCount = (): number => connections.filter((connection) => connection.isUp()).length;
  for (let nth = 0; nth < settings.connections; nth += 1) {
    connections.push(
      connectBroker({
        ...parts,
        settings: { ...settings, clientId: clientIdOf(settings, nth) },
        watchesBroker: nth === 0,
        hostState: nth === 0 ? parts.hostState : undefined,
        // The others may be new.
        hadSession: parts.hadSession && nth === 0,
        // It counts as up when it says so, and no longer when it says that it is down.
        up: (sessionLost) => parts.up(sessionLost, upCount() - 1),
        down: (byUs) => parts.down(byUs, upCount()),
      }),
    );
  }
  return {
    isUp: () => upCount() > 0,
    trouble: () => connections.map((connection) => connection.trouble()).find((sentence) => sentence !== undefined),
    unanswered: () => connections.reduce((sum, connection) => sum + connection.unanswered(), 0),
    publish: (telling, failed) => connections.some((connection) => connection.publish(telling, failed)),
    async firstAnswer() {
      await Promise.all(connections.map((connection) => connection.firstAnswer()));
    },
    async close() {
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
};
