import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload, Transport } from '@nestjs/microservices';
import pg from 'pg';

/** Nest's MQTT transport as its documentation shows it, with one INSERT per message. */
const { DATABASE_URL, MQTT_HOST, MQTT_PORT, MQTT_USERNAME, MQTT_PASSWORD } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });

@Controller()
class EventsController {
  @EventPattern('xy/v1/+/+/events')
  async record(@Payload() event: object): Promise<void> {
    await pool.query('INSERT INTO bench_event (topic, event) VALUES ($1, $2)', ['events', JSON.stringify(event)]);
  }
}

@Module({ controllers: [EventsController] })
class EventsModule {}

const app = await NestFactory.createMicroservice(EventsModule, {
  transport: Transport.MQTT,
  logger: ['error'],
  options: {
    url: `mqtt://${MQTT_HOST}:${MQTT_PORT}`,
    username: MQTT_USERNAME,
    password: MQTT_PASSWORD,
    subscribeOptions: { qos: 1 },
    // An event that has `id` and `data` of its own would be taken for one of Nest's requests, and answered.
    deserializer: {
      deserialize: (event: object, context?: Record<string, unknown>) => ({ pattern: context?.channel, data: event }),
    },
  },
});
await app.listen();
process.stdout.write('listening\n');
