import { dialectOf, gatewayOf, qosOf, topicOf } from './replay-list.ts';

const topic = (written: string, payload: unknown = {}, ecosystem = 'some') =>
  topicOf({ ecosystem, file: 'some/file.json', topic: written }, payload);

describe('the topic of a replayed payload', () => {
  test.each([
    ['a topic as it is', 'frigate/events', {}, 'frigate/events'],
    ['a topic with spaces of its own', 'spBv1.0/Group B/DDATA/Node 1', {}, 'spBv1.0/Group B/DDATA/Node 1'],
    [
      'a placeholder filled from deep in the payload',
      'application/{applicationId}/device/{devEui}/event/up',
      { deviceInfo: { applicationId: 'a-1', devEui: '0101' } },
      'application/a-1/device/0101/event/up',
    ],
    [
      'a placeholder under another name',
      'mqtt/face/<DeviceID>/Rec',
      { info: { facesluiceId: 'f1' } },
      'mqtt/face/f1/Rec',
    ],
    [
      'a placeholder that the payload does not name',
      'zigbee2mqtt/<door>',
      { contact: true },
      'zigbee2mqtt/replay-door',
    ],
    ['alternatives', 'ocpp/x/up/{request|response}/{id}', { id: 7 }, 'ocpp/x/up/replay-request/7'],
    ['a remark behind the topic', 'zigbee2mqtt/room/SENSOR (custom friendly_name)', {}, 'zigbee2mqtt/room/SENSOR'],
    ['a second topic behind a semicolon', 'everest_api/1/x ; same schema on another', {}, 'everest_api/1/x'],
  ])('%s', (_case, written, payload, expected) => {
    expect(topic(written, payload)).toBe(expected);
  });

  test('a remark alone becomes a raw OCPP frame topic, or a topic of its own', () => {
    expect(topic('(WebSocket OCPP-J frame)', [], 'ocpp16')).toBe('ocpp/ocpp16-file/up');
    expect(topic('(HTTP webhook)', {}, 'lpr')).toBe('replay/lpr/file');
  });
});

test('gateways, dialects and QoS of an entry', () => {
  expect(gatewayOf('lpr-vzenith')).toBe('replay-lpr-vzenith');
  expect(dialectOf('lpr-vzenith')).toBe('vzenith');
  expect(dialectOf('frigate')).toBe('frigate');
  expect([qosOf({ qos: 0 }), qosOf({ qos: null }), qosOf({ qos: '0|1' }), qosOf({})]).toEqual([0, 1, 1, 1]);
});
