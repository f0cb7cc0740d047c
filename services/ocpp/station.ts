import type { WebSocket } from 'ws';
import { frameOf, readTopic } from '../../devices/dialects/ocpp16/frames.ts';
import type { MqttApplication, MqttDisconnectReason, MqttOutcome, MqttPrincipal } from '../ingest/mqtt/application.ts';
import type { Clock } from '../runtime/clock.ts';
import { promised } from '../runtime/waiting.ts';
import { answerTo, errorCodeOf, type OcppVersion } from './answers.ts';

/** Messages under way to the log; above it the socket isn't read. OCPP-J allows a post one unanswered call. */
const waitingMax = 16;
/** OCPP-J, 4.2.3: the description of a CALLERROR. */
const descriptionMax = 255;

export interface StationParts {
  application: Pick<MqttApplication, 'publish' | 'quotaOf'>;
  clock: Clock;
  /** Told of what the hub itself failed at. */
  failed(error: unknown, doing: string): void;
}

interface StationOptions {
  socket: WebSocket;
  principal: MqttPrincipal;
  /** What the post is called in its topics. */
  name: string;
  version: OcppVersion;
}

/** The topics of the dialect that reads this version. */
const topicRoots: Record<OcppVersion, string> = { 'ocpp1.6': 'ocpp', 'ocpp2.0.1': 'ocpp201' };

/** MQTT's own clients wait too where the quota is exceeded and can't be told. */
const waited = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const callErrorOf = (version: OcppVersion, id: string, { code, reason }: { code: string; reason: string }) => [
  ...[4, id, errorCodeOf(version, code), reason.slice(0, descriptionMax)],
  {},
];

const unreadable = { code: 'broken-json', reason: 'no OCPP-J message' };

/** Takes one message, and says what is to be said back: a CALLRESULT, a CALLERROR, nothing. */
const createTaker = ({ application, clock }: StationParts, { principal, name, version }: StationOptions) => {
  const publish = (direction: 'up' | 'down', payload: Uint8Array): Promise<MqttOutcome> =>
    promised((waiting) => {
      const topic = `${topicRoots[version]}/${name}/${direction}`;
      const how = { qos: 1 as const, retain: false, duplicate: false, receivedAtMs: clock.now() };
      application.publish(principal, { topic, payload, ...how }, waiting);
    });

  return async (payload: Uint8Array): Promise<unknown[] | undefined> => {
    const topic = `${topicRoots[version]}/${name}/up`;
    const frame = frameOf({ topic, payload, retain: false, timeZone: 'UTC' }, readTopic(topic)!);
    const outcome = await publish('up', payload);
    if (!frame.ok) {
      // OCPP-J 2.0.1, 4.3: -1 stands for a message id that can't be read.
      return callErrorOf(version, '-1', frame.refusal.outcome === 'refused' ? frame.refusal : unreadable);
    }
    if (frame.value.type !== 'call') return undefined;
    const call = frame.value;
    if (outcome.outcome === 'refused') return callErrorOf(version, call.id, outcome);
    const answer = answerTo(version, { device: principal.id, call, nowMs: clock.now() });
    if (answer === undefined) {
      return callErrorOf(version, call.id, { code: 'unknown-type', reason: `the hub answers no ${call.action}` });
    }
    const result = [3, call.id, answer];
    // The number that was issued belongs to the session: the dialect must know it before the post does.
    if ('transactionId' in answer) await publish('down', Buffer.from(JSON.stringify(result)));
    return result;
  };
};

/**
 * One post's connection. Its messages go into the same ingest as those that a gateway carries over MQTT, one after the
 * other, and a call is answered once what it says is durable.
 */
export const serveStation = (parts: StationParts, options: StationOptions) => {
  const { application, clock, failed } = parts;
  const { socket, principal } = options;
  const quota = application.quotaOf(principal);
  const take = createTaker(parts, options);
  let waiting = 0;
  let turn: Promise<void> = Promise.resolve();
  let endedBecause: MqttDisconnectReason | undefined;
  let isAlive = true;

  const send = (frame: string): boolean => {
    if (socket.readyState !== socket.OPEN) return false;
    socket.send(frame);
    return true;
  };
  const end = (reason: MqttDisconnectReason, code?: number, text?: string): void => {
    endedBecause ??= reason;
    if (code === undefined) socket.terminate();
    else socket.close(code, text);
  };
  /** Whoever waited asks again: others of the compound may have been given what came meanwhile. */
  const underQuota = async (): Promise<void> => {
    let waitMs = quota?.take(clock.now()) ?? 0;
    if (waitMs > 0) quota!.exceeded(clock.now(), 'delayed');
    while (waitMs > 0 && endedBecause === undefined) {
      await waited(waitMs);
      waitMs = quota!.take(clock.now());
    }
  };
  const takeInTurn = async (payload: Uint8Array): Promise<void> => {
    await underQuota();
    if (endedBecause !== undefined) return;
    const said = await take(payload);
    if (said !== undefined) send(JSON.stringify(said));
  };

  socket.on('message', (payload: Buffer) => {
    waiting += 1;
    if (waiting >= waitingMax) socket.pause();
    turn = turn
      .then(() => takeInTurn(payload))
      .catch((error) => {
        // Unanswered, so the post says it again when it is back.
        failed(error, 'taking an OCPP message');
        end('hub-failed');
      })
      .then(() => {
        waiting -= 1;
        if (waiting < waitingMax && socket.isPaused) socket.resume();
      });
  });
  socket.on('error', () => end('connection-lost'));
  socket.on('pong', () => {
    isAlive = true;
  });

  return {
    /** A frame of the hub's own; `false` when the post is not there. */
    send,
    end,
    /** Asks whether the post is still there. One that hasn't answered since the last time is gone. */
    probe(): void {
      if (!isAlive) end('keepalive');
      isAlive = false;
      if (socket.readyState === socket.OPEN) socket.ping();
    },
    /** Resolves with why, once the connection is over and all that it brought is answered for. */
    over: new Promise<MqttDisconnectReason>((resolve) => {
      socket.once('close', (code) => {
        endedBecause ??= code === 1000 || code === 1001 ? 'goodbye' : 'connection-lost';
        void turn.then(() => resolve(endedBecause!));
      });
    }),
    idle: (): Promise<void> => turn,
  };
};

export type Station = ReturnType<typeof serveStation>;
