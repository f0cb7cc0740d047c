import { createIngestHarness, deviceFor } from './ingest-harness.ts';

const topic = 'mqtt/face/0a1b/Rec';
const record = (info: object) => ({ operator: 'RecPush', info: { RecordID: '389', VerifyStatus: 1, ...info } });
const pushAck = {
  topic: 'mqtt/face/0a1b',
  payload: expect.stringContaining('"PushAckType":2,"SnapOrRecordID":389'),
};
const createHub = () => createIngestHarness({ devices: [deviceFor('door', { dialect: 'facegate' })] });

test('what the protocol wants answered is answered, as often as it is said', async () => {
  const hub = createHub();
  const said = record({ time: '2026-03-01 15:59:00' });
  expect(await hub.send('door', topic, said)).toMatchObject({ outcome: 'recorded', stored: 1, answers: [pushAck] });
  expect(await hub.send('door', topic, said)).toMatchObject({ outcome: 'recorded', stored: 0, answers: [pushAck] });
});

test('nothing is answered before it is durable', async () => {
  const hub = createHub();
  hub.failAppends(1);
  await expect(hub.send('door', topic, record({}))).rejects.toThrow('the log is away');
  expect(await hub.send('door', topic, record({}))).toMatchObject({ outcome: 'recorded', answers: [pushAck] });
});

test('a refused message is answered too: it is kept, and would come again for ever', async () => {
  const hub = createHub();
  const outcome = await hub.send('door', topic, record({ VerifyStatus: 'yes' }));
  expect(outcome).toMatchObject({ outcome: 'refused', deadLetter: expect.any(String), answers: [pushAck] });
  expect(hub.kept.size).toBe(1);
});

test.each([{ replayed: true }, { retainedReplay: true, retain: true }])(
  'nobody waits for an answer: %j',
  async (how) => {
    expect(await createHub().send('door', topic, record({}), how)).not.toHaveProperty('answers');
  },
);

test('where a device calls itself what no topic can hold, nobody is answered', async () => {
  const said = { operator: 'Online', info: { facesluiceId: 'a+b' } };
  expect(await createHub().send('door', 'mqtt/face/basic', said)).toEqual({
    ...{ outcome: 'recorded', position: '1', stored: 1 },
  });
});
