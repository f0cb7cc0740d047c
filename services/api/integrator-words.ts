import type { RefusalCode } from '../../devices/dialect.ts';

interface Words {
  zh: string;
  en: string;
}

/** What an integrator does about each refusal. */
export const refusalWords: Record<RefusalCode, Words> = {
  'broken-json': { zh: '不是合法的 JSON', en: 'Not valid JSON' },
  'binary-payload': { zh: '不是 UTF-8 文本', en: 'Not UTF-8 text' },
  'payload-too-large': { zh: '超过 4 MiB：图片请压缩或不发', en: 'Over 4 MiB: send pictures smaller or not at all' },
  'wrong-topic': { zh: '主题不属于该凭据的方言', en: "The topic is not of the credential's dialect" },
  'not-your-address': {
    zh: '凭据只能替自己（或网关下的设备）发布',
    en: 'A credential publishes for itself, a gateway also for what stands beneath it',
  },
  'no-dialect': { zh: '没有方言认识这个主题', en: 'No dialect reads this topic' },
  'ambiguous-dialect': {
    zh: '两种方言都可能：请为网关指定一种',
    en: 'Two dialects could be meant: bind the gateway to one',
  },
  'unknown-type': { zh: '词汇表中没有这个事件类型', en: 'No event type of the vocabulary' },
  'contract-violated': { zh: '某个字段不符合约定，field 给出路径', en: 'A field does not fit; `field` gives its path' },
  'time-out-of-range': { zh: '时间早于 2020 年或超前 5 分钟以上', en: 'Before 2020 or more than 5 minutes ahead' },
  'unknown-device': { zh: '设备未登记或已停用', en: 'The device is not registered, or retired' },
  'identity-mismatch': { zh: '消息里的编号与凭据不一致', en: "The id in the message is not the credential's" },
  'no-codec': { zh: 'LoRaWAN 帧没有解码器', en: 'No codec reads this LoRaWAN frame' },
};

/** The words of the reference page. */
export const pageWords = {
  title: { zh: '星园：设备接入参考', en: 'Xingyuan: reference for integrators' },
  other: { zh: 'English', en: '中文' },
  intro: {
    zh: '设备通过 MQTT 3.1.1 或 5 接入，用户名是设备编号，密码在登记时给出一次。请用 QoS 1：确认意味着已经入库；MQTT 5 的 PUBACK 还说明结果。',
    en: 'Devices speak MQTT 3.1.1 or 5. The user name is the device id, the password is told once at registration. Use QoS 1: an acknowledgement means that it is recorded, and with MQTT 5 the PUBACK says what became of it.',
  },
  documents: { zh: '机器可读', en: 'For machines' },
  topics: { zh: '主题', en: 'Topics' },
  topic: { zh: '主题', en: 'Topic' },
  direction: { zh: '方向', en: 'Direction' },
  toHub: { zh: '设备 → 平台', en: 'device → hub' },
  fromHub: { zh: '平台 → 订阅者', en: 'hub → subscribers' },
  messages: { zh: '消息', en: 'Messages' },
  events: { zh: '事件', en: 'Events' },
  eventsIntro: {
    zh: '在 …/events 上发布 {"type", "time", "id" 或 "seq", "data"}。下面是每种类型的 data。',
    en: 'Publish {"type", "time", "id" or "seq", "data"} on …/events. What follows is the data of each type.',
  },
  anyDevice: { zh: '任何设备', en: 'Any device' },
  silent: { zh: '静默多久视为离线', en: 'counts as down when silent for' },
  field: { zh: '字段', en: 'Field' },
  type: { zh: '类型', en: 'Type' },
  required: { zh: '必填', en: 'Required' },
  rule: { zh: '取值', en: 'Values' },
  noData: { zh: '没有 data', en: 'No data' },
  quantities: { zh: '测量量', en: 'Quantities' },
  quantity: { zh: '名称', en: 'Name' },
  unit: { zh: '单位', en: 'Unit' },
  range: { zh: '范围', en: 'Range' },
  dialects: { zh: '方言：设备不必改动', en: 'Dialects: devices as they are' },
  refusals: { zh: '为什么被拒', en: 'Why a message is refused' },
  code: { zh: '代码', en: 'Code' },
  meaning: { zh: '含义', en: 'Meaning' },
} satisfies Record<string, Words>;
