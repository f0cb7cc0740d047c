import { CompoundsController } from './compounds.controller.ts';
import { DeadLettersController } from './dead-letters.controller.ts';
import { DevicesController } from './devices.controller.ts';
import { EventsController } from './events.controller.ts';
import { HealthController } from './health.controller.ts';
import { RatingsController } from './ratings.controller.ts';
import { RecordsController } from './records.controller.ts';
import { SessionController } from './session.controller.ts';
import { WorkOrdersController } from './work-orders.controller.ts';

/** Every controller of the API; the OpenAPI text is generated from the same list. */
export const controllers = [
  SessionController,
  CompoundsController,
  RatingsController,
  RecordsController,
  DevicesController,
  WorkOrdersController,
  DeadLettersController,
  EventsController,
  HealthController,
];
