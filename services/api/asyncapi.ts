import { canonicalAnswer, canonicalCommand } from '../../devices/dialects/canonical.ts';
import { eventTypes } from '../../devices/vocabulary.ts';
import { topicAnswer, topicCommand } from '../ingest/work-order-commands.ts';
import { noticeEvents } from '../outbound/notice-events.ts';
import { eventPayload, jsonSchema, telemetryPayload } from './contract-schemas.ts';

const parameters = {
  compound: { description: 'Id of the compound the credential belongs to' },
  device: { description: 'Id of the device, which is also its MQTT user name' },
};

const eventMessage = (type: string) => ({ name: type, contentType: 'application/json', payload: eventPayload(type) });

/** For property systems, which log in with a person's account. */
const channelsOfPeople = {
  workOrders: {
    address: 'xy/v1/{compound}/work-orders',
    description:
      'What happens to work orders, at least once: drop an event whose id you know. A new subscription also finds, marked as retained, what was told in the last five minutes and, for an hour after a start, what happened while no process told anything.',
    parameters: { compound: parameters.compound },
    messages: { workOrderEvent: { contentType: 'application/cloudevents+json', payload: { type: 'object' } } },
  },
  notices: {
    address: 'xy/v1/{compound}/notices',
    description: 'What people are told of work orders, at least once, as work orders are told.',
    parameters: { compound: parameters.compound },
    messages: {
      notice: {
        contentType: 'application/cloudevents+json',
        payload: { type: 'object', properties: { data: jsonSchema(noticeEvents['notice.issued']) } },
      },
    },
  },
  workOrderCommands: {
    address: 'xy/v1/{compound}/work-orders/commands',
    description:
      'Commands of work orders, for accounts of the role operator, by the same rules as over HTTP. A command is carried out once for each id of its sender, so that it may be sent again.',
    parameters: { compound: parameters.compound },
    messages: { command: { contentType: 'application/json', payload: jsonSchema(topicCommand) } },
  },
  workOrderAnswers: {
    address: 'xy/v1/{compound}/work-orders/commands/answers',
    description: 'What became of each command; MQTT 5 says it in the PUBACK too.',
    parameters: { compound: parameters.compound },
    messages: { answer: { contentType: 'application/json', payload: jsonSchema(topicAnswer) } },
  },
};

/** AsyncAPI 3.0 of the canonical topics, from the same contracts that judge what devices publish. */
export const asyncApiDocument = () => ({
  asyncapi: '3.0.0',
  info: { title: 'Xingyuan hub 星园, MQTT', version: '1' },
  defaultContentType: 'application/json',
  channels: {
    events: {
      address: 'xy/v1/{compound}/{device}/events',
      parameters,
      messages: Object.fromEntries(eventTypes.map((type) => [type, eventMessage(type)])),
    },
    telemetry: {
      address: 'xy/v1/{compound}/{device}/telemetry',
      parameters,
      messages: {
        telemetry: {
          payload: telemetryPayload(),
        },
      },
    },
    status: {
      address: 'xy/v1/{compound}/{device}/status',
      parameters,
      messages: { status: { contentType: 'text/plain', payload: { enum: ['online', 'offline'] } } },
    },
    refusals: {
      address: 'xy/v1/{compound}/{device}/refusals',
      parameters,
      messages: {
        refusal: {
          payload: {
            type: 'object',
            required: ['topic', 'code', 'reason'],
            properties: {
              topic: { type: 'string' },
              code: { type: 'string' },
              reason: { type: 'string' },
              field: { type: 'string' },
              deadLetter: { type: 'string' },
            },
          },
        },
      },
    },
    commands: {
      address: 'xy/v1/{compound}/{device}/commands',
      description:
        'What people ask of a device: at most once, only while it is connected and subscribed. A gateway subscribes to xy/v1/{compound}/+/commands for what stands beneath it.',
      parameters,
      messages: { command: { payload: jsonSchema(canonicalCommand) } },
    },
    commandAnswers: {
      address: 'xy/v1/{compound}/{device}/commands/answers',
      description: 'Whether the device does it, by the id of the command; after its time it is kept as late.',
      parameters,
      messages: { answer: { payload: jsonSchema(canonicalAnswer) } },
    },
    ...channelsOfPeople,
  },
  operations: {
    publishEvents: { action: 'receive', channel: { $ref: '#/channels/events' } },
    publishTelemetry: { action: 'receive', channel: { $ref: '#/channels/telemetry' } },
    publishStatus: { action: 'receive', channel: { $ref: '#/channels/status' } },
    readStatus: { action: 'send', channel: { $ref: '#/channels/status' } },
    readRefusals: { action: 'send', channel: { $ref: '#/channels/refusals' } },
    readCommands: { action: 'send', channel: { $ref: '#/channels/commands' } },
    answerCommands: { action: 'receive', channel: { $ref: '#/channels/commandAnswers' } },
    readNotices: { action: 'send', channel: { $ref: '#/channels/notices' } },
    commandWorkOrders: { action: 'receive', channel: { $ref: '#/channels/workOrderCommands' } },
    readWorkOrderAnswers: { action: 'send', channel: { $ref: '#/channels/workOrderAnswers' } },
    readWorkOrders: { action: 'send', channel: { $ref: '#/channels/workOrders' } },
  },
});
