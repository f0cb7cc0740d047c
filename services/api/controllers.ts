import { CertificatesController } from './certificates.controller.ts';
import { CompoundsController } from './compounds.controller.ts';
import { DeadLettersController } from './dead-letters.controller.ts';
import { DeviceCommandsController } from './device-commands.controller.ts';
import { DeviceModelsController } from './device-models.controller.ts';
import { DevicesController } from './devices.controller.ts';
import { EventsController } from './events.controller.ts';
import { EvidenceController } from './evidence.controller.ts';
import { EvidenceBundleController } from './evidence-bundle.controller.ts';
import { FaultPolicyController } from './fault-policy.controller.ts';
import { HandoversController } from './handovers.controller.ts';
import { HealthController } from './health.controller.ts';
import { IntakeController } from './intake.controller.ts';
import { IntegratorContractController } from './integrator-contract.controller.ts';
import { IntegratorMessagesController } from './integrator-messages.controller.ts';
import { IntegratorTryController } from './integrator-try.controller.ts';
import { MaintenanceController } from './maintenance.controller.ts';
import { MatterDocumentsController } from './matter-documents.controller.ts';
import { MattersController } from './matters.controller.ts';
import { OnboardingEnrolmentController } from './onboarding-enrolment.controller.ts';
import { OnboardingHeardController } from './onboarding-heard.controller.ts';
import { OnboardingImportController } from './onboarding-import.controller.ts';
import { OutboundNoticesController } from './outbound-notices.controller.ts';
import { OutboundRostersController } from './outbound-rosters.controller.ts';
import { OutboundTargetsController } from './outbound-targets.controller.ts';
import { ProgrammeController } from './programme.controller.ts';
import { RatingReplaysController } from './rating-replays.controller.ts';
import { RatingsController } from './ratings.controller.ts';
import { RecordListsController } from './record-lists.controller.ts';
import { RecordsController } from './records.controller.ts';
import { RoundsController } from './rounds.controller.ts';
import { SessionController } from './session.controller.ts';
import { WorkOrderFiguresController } from './work-order-figures.controller.ts';
import { WorkOrderPhotosController } from './work-order-photos.controller.ts';
import { WorkOrdersController } from './work-orders.controller.ts';

/** Every controller of the API; the OpenAPI text is generated from the same list. */
export const controllers = [
  SessionController,
  CompoundsController,
  RatingsController,
  EvidenceBundleController,
  EvidenceController,
  FaultPolicyController,
  HandoversController,
  MaintenanceController,
  RatingReplaysController,
  ProgrammeController,
  RecordListsController,
  RecordsController,
  DevicesController,
  DeviceCommandsController,
  DeviceModelsController,
  IntegratorContractController,
  IntegratorMessagesController,
  IntegratorTryController,
  CertificatesController,
  OnboardingEnrolmentController,
  OnboardingHeardController,
  OnboardingImportController,
  IntakeController,
  RoundsController,
  WorkOrderFiguresController,
  WorkOrderPhotosController,
  WorkOrdersController,
  MatterDocumentsController,
  MattersController,
  OutboundTargetsController,
  OutboundRostersController,
  OutboundNoticesController,
  DeadLettersController,
  EventsController,
  HealthController,
];
