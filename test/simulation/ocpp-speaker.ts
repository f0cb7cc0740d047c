import type { Chance } from './chance.ts';
import type { Beneath } from './dialect-speakers.ts';
import type { SaidFact } from './ledger.ts';
import type { Saying, Speaker } from './speaker.ts';

interface Session {
  transaction: number;
  session: string;
  idTag: string;
  meterStart: number;
  endsAtMs: number;
}

interface Post extends Beneath {
  status: string;
  error: string;
  meterWh: number;
  session: Session | undefined;
  faultUntilMs: number | undefined;
  nextBeatMs: number;
}

const hourMs = 3_600_000;
const faults = ['OverVoltage', 'GroundFailure', 'HighTemperature', 'ConnectorLockFailure'] as const;
const codes: Record<string, string> = {
  OverVoltage: 'over-voltage',
  GroundFailure: 'ground-failure',
  HighTemperature: 'high-temperature',
  ConnectorLockFailure: 'connector-lock-failure',
};

const frame = (post: Post, direction: 'up' | 'down', body: unknown[], facts: SaidFact[]): Saying => ({
  topic: `ocpp/${post.externalId}/${direction}`,
  payload: Buffer.from(JSON.stringify(body)),
  ...{ qos: 1, retain: false, facts },
});

/** The frames of one central system, whose calls it counts. */
const createFrames = (chance: Chance) => {
  let calls = 0;
  const call = (post: Post, action: string, payload: unknown, facts: SaidFact[]): Saying =>
    frame(post, 'up', [2, `c${++calls}`, action, payload], facts);

  const report = (post: Post, status: string, error: string, nowMs: number): Saying => {
    const timestamp = new Date(nowMs).toISOString();
    const about = { device: post.device, statedAtMs: nowMs };
    const tail = `1:${timestamp}:${status}:${error}`.slice(0, 190);
    const component = 'connector-1';
    const facts: SaidFact[] = [
      {
        ...{ ...about, type: 'charging.status-changed', data: { connector: 1, status: status.toLowerCase() } },
        ...{ sourceId: `status:${tail}`, level: post.status === status ? 'same' : 'changed' },
      },
    ];
    if (post.error !== 'NoError' && post.error !== error) {
      const data = { code: codes[post.error], component };
      facts.push({ ...about, type: 'device.fault-cleared', data, sourceId: `fault-cleared:${tail}`, level: 'changed' });
    }
    if (error !== 'NoError') {
      const data = { code: codes[error], component };
      const level = post.error === error ? 'same' : 'changed';
      facts.push({ ...about, type: 'device.fault-raised', data, sourceId: `fault-raised:${tail}`, level });
    }
    post.status = status;
    post.error = error;
    return call(post, 'StatusNotification', { connectorId: 1, status, errorCode: error, timestamp }, facts);
  };

  const start = (post: Post, nowMs: number): Saying[] => {
    const timestamp = new Date(nowMs).toISOString();
    const idTag = `card-${chance.whole(1, 60)}`;
    const meterStart = Math.round(post.meterWh);
    const session = `1@${timestamp}`;
    const transaction = calls + 10_000;
    post.session = { transaction, session, idTag, meterStart, endsAtMs: nowMs + chance.between(0.5, 5) * hourMs };
    const fact: SaidFact = {
      ...{ device: post.device, statedAtMs: nowMs, type: 'charging.session-started' },
      ...{ data: { connector: 1, session, meterStartWh: meterStart }, sourceId: `start:1:${meterStart}:${timestamp}` },
    };
    const asked = call(post, 'StartTransaction', { connectorId: 1, idTag, timestamp, meterStart }, [fact]);
    const answer = [3, `c${calls}`, { transactionId: transaction, idTagInfo: { status: 'Accepted' } }];
    return [asked, frame(post, 'down', answer, []), report(post, 'Charging', 'NoError', nowMs)];
  };

  /** The session's name and its energy are known only to who remembers the start and its answer. */
  const stop = (post: Post, { transaction, session, idTag, meterStart }: Session, nowMs: number): Saying => {
    const timestamp = new Date(nowMs).toISOString();
    post.meterWh = meterStart + chance.whole(500, 20_000);
    post.session = undefined;
    const data = { connector: 1, session, meterStopWh: post.meterWh, energyWh: post.meterWh - meterStart };
    const fact: SaidFact = {
      ...{ device: post.device, statedAtMs: nowMs, type: 'charging.session-ended', data },
      sourceId: `stop:${transaction}:${timestamp}`,
    };
    const payload = { transactionId: transaction, idTag, timestamp, meterStop: post.meterWh, reason: 'Local' };
    return call(post, 'StopTransaction', payload, [fact]);
  };

  return { call, report, start, stop };
};

/** A central system that passes OCPP 1.6 frames of its posts on; each post has one connector. */
export const createOcppGateway = (posts: Beneath[], chance: Chance): Speaker => {
  const { call, report, start, stop } = createFrames(chance);
  const known = posts.map(
    (one): Post => ({
      ...one,
      ...{ status: '', error: 'NoError', meterWh: chance.whole(0, 9_000), nextBeatMs: 0 },
      ...{ session: undefined, faultUntilMs: undefined },
    }),
  );
  const step = (post: Post, nowMs: number): Saying[] => {
    if (post.status === '') return [report(post, 'Available', 'NoError', nowMs)];
    if (post.faultUntilMs !== undefined) {
      if (nowMs < post.faultUntilMs) return chance.hit(0.05) ? [report(post, 'Faulted', post.error, nowMs)] : [];
      post.faultUntilMs = undefined;
      return [report(post, 'Available', 'NoError', nowMs)];
    }
    if (chance.hit(0.003)) {
      post.faultUntilMs = nowMs + chance.between(0.2, 6) * hourMs;
      const ended = post.session === undefined ? [] : [stop(post, post.session, nowMs)];
      return [...ended, report(post, 'Faulted', chance.pick(faults), nowMs)];
    }
    const { session } = post;
    if (session !== undefined && nowMs >= session.endsAtMs) {
      return [stop(post, session, nowMs), report(post, 'Available', 'NoError', nowMs)];
    }
    if (session === undefined && chance.hit(0.01)) return start(post, nowMs);
    if (nowMs < post.nextBeatMs) return [];
    post.nextBeatMs = nowMs + 5 * 60_000;
    return [call(post, 'Heartbeat', {}, [{ device: post.device, type: 'device.seen', data: {}, level: 'same' }])];
  };

  return { dialect: 'ocpp16', step: (nowMs) => known.flatMap((post) => step(post, nowMs)) };
};
