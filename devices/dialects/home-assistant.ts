import { connectionFact } from '../codecs/state-facts.ts';
import { type Decoded, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { parseText } from '../payload.ts';
import { decodeDiscovery, entitiesOn } from './home-assistant/discovery.ts';
import { type Entity, factsOf, isPersonal } from './home-assistant/entity.ts';

type Recall = (key: string) => string | undefined;

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A state stream has each attribute on a topic of its own, written as JSON; these say what the state means. */
const describing = new Set(['device_class', 'unit_of_measurement', 'friendly_name']);

const attributeKey = (path: string, attribute: string): string => `attribute:${path}/${attribute}`;

const decodeAttribute = (path: string, attribute: string, text: string): Decoded => {
  if (!describing.has(attribute)) return noOp('attribute');
  const value = jsonOf(text);
  const word = typeof value === 'string' ? value : text;
  return {
    outcome: 'no-op',
    reason: 'entity-described',
    remember: { [attributeKey(path, attribute)]: word === '' || word === 'null' ? null : word.slice(0, 200) },
  };
};

const streamedEntity = (component: string, object: string, recall: Recall): Entity => {
  const attribute = (name: string) => recall(attributeKey(`${component}/${object}`, name));
  const device = `${component}.${object}`.slice(0, 200);
  return {
    id: device,
    component,
    device,
    name: (attribute('friendly_name') ?? device).slice(0, 200),
    part: object.slice(0, 100),
    deviceClass: attribute('device_class') ?? '',
    unit: attribute('unit_of_measurement') ?? '',
    path: '',
    on: 'on',
    off: 'off',
  };
};

const decodeState = (entities: readonly Entity[], text: string): Decoded => {
  const json = jsonOf(text);
  const said = entities.map((entity) => factsOf(entity, text, json));
  const unread = entities.find((_, index) => said[index] === undefined);
  if (unread !== undefined && said.every((one) => one === undefined)) {
    return refused(
      'contract-violated',
      `The state is neither ${unread.on} nor ${unread.off}.`,
      unread.path || 'payload',
    );
  }
  const items = said.flatMap((one) => one ?? []);
  return items.length === 0 ? noOp('state-not-known') : facts(...items);
};

/**
 * Home Assistant: discovery with the states beneath `homeassistant/`, and its MQTT state stream. States that discovery
 * puts elsewhere are those of an ecosystem with a dialect of its own (Zigbee2MQTT, Tasmota).
 */
export const dialect: Dialect = {
  name: 'home-assistant',
  title: { zh: 'Home Assistant', en: 'Home Assistant' },
  kinds: ['sensor', 'access-gate'],
  topics: ['homeassistant/#'],
  decode({ topic, payload }, recall) {
    const [, ...levels] = topic.split('/');
    const last = levels.at(-1);
    if (last === 'config' && levels.length >= 3) return decodeDiscovery(levels.slice(0, -1), payload, recall);
    const body = parseText(payload);
    if (!body.ok) return body.refusal;
    const text = body.value.trim();
    if (last === 'set' || last === 'command') return noOp('downlink-echo');
    if (levels.join('/') === 'status') {
      if (text !== 'online' && text !== 'offline') return refused('contract-violated', 'payload: online or offline');
      return facts(connectionFact(text === 'online'));
    }
    const [component = '', object = '', attribute, ...rest] = levels;
    if (isPersonal(component)) return noOp('whereabouts');
    if (text === '') return noOp('state-cleared');
    const entities = entitiesOn(topic, recall);
    if (entities.length > 0) return decodeState(entities, text);
    if (object === '' || attribute === undefined || rest.length > 0) {
      return refused(
        'wrong-topic',
        'No discovery message says what this topic means: publish homeassistant/<component>/<object>/config first.',
      );
    }
    if (attribute !== 'state') return decodeAttribute(`${component}/${object}`, attribute, text);
    return decodeState([streamedEntity(component, object, recall)], text);
  },
};
