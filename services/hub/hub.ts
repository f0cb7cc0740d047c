import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createAccounts } from '../api/accounts.ts';
import { ApiModule } from '../api/api.module.ts';
import type { ApiParts } from '../api/api-parts.ts';
import { createRatingPasts } from '../api/rating-pasts.ts';
import type { RecordedEvent } from '../event-log/event.ts';
import type { Bridge } from '../ingest/bridge/bridge.ts';
import { createLevels } from '../ingest/levels.ts';
import { createAddressPolicy } from '../outbound/address-policy.ts';
import { atlasConnector } from '../outbound/atlas/links.ts';
import type { Connector } from '../outbound/target-queries.ts';
import { allLevels } from '../projections/device-health/queries.ts';
import { outlookOf } from '../projections/rating-outlook/outlook-of.ts';
import { prepareReporting } from '../projections/reporting/prepare-reporting.ts';
import { catchUp, createRunner } from '../projections/runner.ts';
import { authorityKeysIn } from '../registry/authority-keys.ts';
import { followRegistry } from '../registry/follow.ts';
import { createRegistryIndex } from '../registry/registry-index.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import type { Keeper } from '../runtime/keep-looking.ts';
import type { Logger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { keepSigner } from '../runtime/signing-key.ts';
import { keepFaultTimers } from '../work-orders/fault-timers.ts';
import { createPhotoStore } from '../work-orders/photos.ts';
import { followRosters } from '../work-orders/roster-read-model.ts';
import { bridgeLine, connectBridge } from './bridge.ts';
import { startFailure } from './disk-guard.ts';
import { dutyByRoster } from './duty-by-roster.ts';
import { startHttp } from './http.ts';
import { type Base, buildDoors, buildIntake, type Doors, type Intake } from './intake.ts';
import { keepAssessments } from './keep-assessments.ts';
import { keepDeadlines } from './keep-deadlines.ts';
import { keepLadder } from './keep-ladder.ts';
import { keepMonths } from './keep-months.ts';
import { keepRounds } from './keep-rounds.ts';
import { startLogUpkeep } from './log-upkeep.ts';
import { makeRatings } from './make-rating.ts';
import { keepAlive, recordOutage, systemClocks } from './outage.ts';
import { startOutbound } from './outbound.ts';
import { beforeIngest, projectionsFor } from './projections.ts';
import { headTargets, publishHeads } from './publish-heads.ts';
import { rateRegularly } from './rate-regularly.ts';
import { rateInThreads } from './rating-replay-threads.ts';
import { joinRunners, type PassOn, runReadModels } from './read-models.ts';
import { rateHere, replayRatings } from './replay-ratings.ts';
import { sendCommands } from './send-commands.ts';
import { createStops, type Stops } from './stops.ts';
import { openStorage, takesSeveralWriters } from './storage.ts';
import { startUpkeep } from './time-series-upkeep.ts';
import { watchRisks } from './watch-risks.ts';

export interface RunningHub {
  /** `undefined` where the role `ingest` doesn't run here. */
  mqttPort: number | undefined;
  /** `undefined` where they aren't configured. */
  mqttTlsPort: number | undefined;
  mqttWebSocketPort: number | undefined;
  ocppPort: number | undefined;
  ocppTlsPort: number | undefined;
  httpPort: number;
  /** Made up at the first start of a data folder without HUB_ADMIN_PASSWORD; told this once. */
  adminPassword: string | undefined;
  /** HUB_ADMIN_PASSWORD is set, and `admin` has another one since the first start. */
  adminPasswordIsOther: boolean;
  /** Resolves with the database's last words when the hub's own PostgreSQL ends by itself: the hub can't go on. */
  databaseDied: Promise<string>;
  stop(): Promise<void>;
  /** What `stop` is waiting for, for whoever can't wait any longer. */
  stopWaitsFor(): string;
}

/** Of the register, and commands to devices. */
const isFollowed = (type: string): boolean => /^(device|compound|command)\./.test(type);

/** Storage, and what every role keeps in memory of the log. */
const openBase = async (
  config: Config,
  logger: Logger,
  stops: Stops,
  options: { inThreads: boolean; died(lastWords: string): void },
): Promise<Base> => {
  const metrics = createMetrics();
  const storage = await openStorage(config, logger, stops, { metrics, ...options });
  const closing = new AbortController();
  stops.add('whoever follows the log', () => closing.abort());
  const index = createRegistryIndex();
  const levels = createLevels();
  const listeners = new Set<(event: RecordedEvent) => void>();
  for (const projection of beforeIngest) await catchUp(storage.opened.log, storage.transactReadModels, projection);
  for (const { device, levels: known } of await allLevels(storage.sql)) levels.load(device, known);
  const { caughtUp } = await followRegistry({
    log: storage.opened.log,
    transact: storage.transact,
    ...{ index, logger },
    signal: closing.signal,
    // What another process made of its devices' states is told by the log alone, whatever type it came as.
    ...(takesSeveralWriters(config) ? {} : { wants: isFollowed }),
    alsoTell: (event) => {
      levels.follow(event);
      for (const tell of listeners) tell(event);
    },
  });
  return {
    config,
    logger,
    metrics,
    ...storage,
    index,
    levels,
    listeners,
    caughtUp,
    closing: closing.signal,
  };
};

const readModelsOf = ({ config, databaseUrl, logger, metrics }: Base, passOn: PassOn) =>
  runReadModels({
    settings: { databaseUrl, eventLogUrl: config.EVENT_LOG_URL ?? databaseUrl, logLevel: config.HUB_LOG_LEVEL },
    ...{ passOn, logger, metrics },
  });

const startReplays = (base: Base, inThread: boolean): Keeper => {
  const { sql, transact, transactReadModels, opened, index, logger, databaseUrl } = base;
  const work = inThread ? rateInThreads(databaseUrl) : rateHere(transactReadModels, systemClock);
  return replayRatings({ ...{ sql, transact, index, logger, work }, log: opened.log, clock: systemClock });
};

/** Starts the projections of this process' roles, and the rater beside them. */
const startProjections = async (base: Base, stops: Stops, inThread: boolean) => {
  const { config, opened, transact, transactReadModels, logger, metrics, index, sql } = base;
  const { log } = opened;
  const threaded = inThread && opened.passOn !== undefined && config.HUB_ROLES.includes('projections');
  const here = createRunner(
    { log, transact: transactReadModels, clock: systemClock, logger, metrics },
    projectionsFor(threaded ? config.HUB_ROLES.filter((role) => role !== 'projections') : config.HUB_ROLES, log, index),
  );
  const beside = threaded ? readModelsOf(base, opened.passOn!) : undefined;
  const runner = beside === undefined ? here : joinRunners([beside, here]);
  await runner.start();
  stops.add('the projections', runner.stop);
  if (config.HUB_ROLES.includes('projections')) {
    const { role } = await prepareReporting(transact, { password: config.HUB_REPORT_PASSWORD });
    if (role === 'missing')
      logger.warn('the read-only role xingyuan_report is missing: the reporting views are for the owner only');
    const rater = { sql, log, index, logger, metrics, clock: systemClock, status: runner.status };
    stops.add('the rater', rateRegularly({ ...rater, rate: beside?.rate ?? makeRatings(sql) }));
    stops.add('the look ahead', watchRisks({ ...rater, outlookOf: (it) => outlookOf(sql, it, systemClock.now()) }));
    stops.add('the replays of ratings', startReplays(base, inThread).stop);
    stops.add('the months that are over', keepMonths({ ...rater, transact: transactReadModels }).stop);
    stops.add('the assessments', keepAssessments({ sql, log, logger, clock: systemClock, status: runner.status }).stop);
  }
  // A log whose server doesn't chain its events is sealed from beside; several that do it don't disturb each other.
  const notary = config.HUB_ROLES.includes('projections') ? opened.startNotary?.() : undefined;
  const unsealed = (): string[] => (notary?.trouble ? [`the event log is not being sealed: ${notary.trouble}`] : []);
  if (!config.HUB_ROLES.includes('projections')) return { runner, overdue: () => [], unsealed };
  const ofReadings = await startUpkeep({ sql, transact, logger, metrics });
  stops.add('the upkeep of the readings', ofReadings.stop);
  const ofLog = startLogUpkeep({ opened, clock: systemClock, logger, metrics });
  stops.add('the upkeep of the log', ofLog.stop);
  return { runner, overdue: () => [...ofReadings.overdue(), ...ofLog.overdue()], unsealed };
};

const startDeadlines = ({ config, sql, opened, logger, index }: Base, stops: Stops) => {
  if (!config.HUB_ROLES.includes('work-orders')) return undefined;
  const parts = { sql, logger, index, log: opened.log, clock: systemClock };
  const keepers: [string, Keeper][] = [
    ['the deadlines of work orders', keepDeadlines(parts)],
    ['the timers of faults', keepFaultTimers(parts)],
    ['the escalation ladder', keepLadder(parts)],
    ['the rounds', keepRounds(parts)],
  ];
  for (const [what, keeper] of keepers) stops.add(what, keeper.stop);
  return { trouble: () => keepers.flatMap(([, keeper]) => keeper.trouble()) };
};

/** Who has duty, and what goes out to other systems and to people. */
const startDuty = async (base: Base, stops: Stops) => {
  const { config, opened, transact, index, logger, sql, closing } = base;
  const rosters = await followRosters({ log: opened.log, transact, logger, signal: closing });
  const duty = dutyByRoster(rosters, index, sql);
  if (config.HUB_ROLES.includes('work-orders')) stops.add('what goes out', startOutbound(base, { rosters, duty }));
  const { HUB_ATLAS_URL: url, HUB_ATLAS_COMPOUNDS: compounds } = config;
  const connectors: Connector[] = url === undefined ? [] : [{ id: atlasConnector, name: 'Atlas CMMS', url, compounds }];
  return { duty, connectors, addresses: createAddressPolicy(config.HUB_TARGET_NETWORKS) };
};

export interface StartOptions {
  /** Where this process alone writes the log, its writer and the read models get threads of their own; tests do without. */
  inThreads?: boolean;
}

interface Ways {
  intake: Intake;
  doors: Doors;
  bridge: Bridge | undefined;
}

const startCommands = (base: Base, stops: Stops, { intake, doors, bridge }: Ways) => {
  const availability = (device: string) => base.levels.value(device, 'availability');
  const commands = sendCommands({
    ...{ log: base.opened.log, index: base.index, clock: systemClock, sql: base.sql, logger: base.logger },
    ...{ dialects: intake.dialects, recall: intake.memory.recall, listeners: base.listeners },
    availability,
    lines: bridge === undefined ? doors.lines : [...doors.lines, bridgeLine(bridge, availability)],
    isOnlySender: !takesSeveralWriters(base.config),
  });
  stops.add('the commands to devices', commands.stop);
  return commands;
};

const portsOf = (doors: Doors | undefined) => ({
  mqttPort: doors?.endpoint.address()?.port,
  mqttTlsPort: doors?.endpoint.tlsAddress()?.port,
  mqttWebSocketPort: doors?.endpoint.webSocketAddress()?.port,
  ocppPort: doors?.ocpp.port(),
  ocppTlsPort: doors?.ocpp.tlsPort(),
});

/** Starts the hub with the roles that the configuration names. Throws `StartRefused` for what a person can mend. */
export const startHub = async (
  config: Config,
  logger: Logger,
  { inThreads = false }: StartOptions = {},
): Promise<RunningHub> => {
  const stops = createStops(logger);
  let died: (lastWords: string) => void = () => undefined;
  const databaseDied = new Promise<string>((resolve) => {
    died = resolve;
  });
  try {
    const base = await openBase(config, logger, stops, { died, inThreads });
    const { sql, opened, metrics, index } = base;
    let doors: Doors | undefined;
    let commands: ReturnType<typeof startCommands> | undefined;
    const tell = (topic: string, payload: string): void =>
      void doors?.endpoint.deliver(topic, payload, { qos: 1, retain: true, contentType: 'application/json' });
    const heads = publishHeads({ ...base, log: opened.log, clock: systemClock, targets: headTargets(config, tell) });
    stops.add('the telling of heads', heads.stop);
    // The other roles may run on while nobody takes messages in: that is an outage too.
    if (config.HUB_ROLES.includes('ingest')) {
      await recordOutage(base, systemClocks, { cause: 'hub-stopped' });
      stops.add('the sign of life', keepAlive(base, systemClocks));
    }
    const { runner, overdue, unsealed } = await startProjections(base, stops, inThreads);
    const deadlines = startDeadlines(base, stops);
    const { duty, addresses, connectors } = await startDuty(base, stops);
    const accounts = createAccounts(sql, systemClock);
    const { HUB_ADMIN_PASSWORD: wished } = config;
    const adminPassword = await accounts.ensureAdmin(wished);
    const adminPasswordIsOther = wished !== undefined && (await accounts.isOtherThanAdmins(wished));
    const intake = await buildIntake(base, stops);
    const bridge = config.HUB_ROLES.includes('ingest') ? await connectBridge(base, intake) : undefined;
    if (bridge !== undefined) stops.add('the bridge', bridge.close);
    // Live streams hold HTTP connections open: they must end before the server can close.
    const leaving = new AbortController();
    const signer = keepSigner(sql, config.HUB_DATA_DIR);
    // Made now, so that the first backup holds it; who asks for it is told what is wrong with it.
    await signer().catch((error: unknown) => logger.error({ err: error }, 'the signing key can not be used'));
    const parts: ApiParts = {
      ...{ sql, index, runner, accounts, logger, metrics, log: opened.log },
      pasts: createRatingPasts({ sql, log: opened.log }),
      verifyLog: () => opened.verify(),
      ...{ sealed: opened.sealed, signer },
      ...{ dialects: [...intake.dialects.keys()], authorityKeys: authorityKeysIn(config.HUB_DATA_DIR) },
      ...{ ingest: intake.ingest, payloads: intake.payloads, explain: intake.explain, listen: intake.listen },
      ...(takesSeveralWriters(config) ? { recordedAnywhere: base.listeners } : {}),
      ...{ duty, addresses, connectors, photos: createPhotoStore(sql) },
      clock: systemClock,
      closing: leaving.signal,
      overdue: () => [...base.untaken(), ...overdue()],
      troubles: () => [
        ...[bridge, heads, deadlines, commands].flatMap((part) => part?.trouble() ?? []),
        ...[...unsealed(), ...(opened.expiryTrouble?.() ?? [])],
      ],
    };
    const app = await NestFactory.create<NestExpressApplication>(
      ApiModule.with(parts, { healthOnly: !config.HUB_ROLES.includes('api') }),
      { logger: false, bodyParser: false, abortOnError: false },
    );
    stops.add('HTTP and MQTT', () => app.close());
    stops.add('the live streams', () => leaving.abort());
    if (config.HUB_ROLES.includes('ingest')) {
      doors = buildDoors(base, intake, { accounts, duty, newestHead: heads.newest });
      app.connectMicroservice({ strategy: doors.endpoint });
      await app.startAllMicroservices();
      stops.add('OCPP', doors.ocpp.close);
      await doors.ocpp.listen();
      commands = startCommands(base, stops, { intake, doors, bridge });
    }
    const httpPort = await startHttp(app, config);
    return {
      ...portsOf(doors),
      httpPort,
      adminPassword,
      adminPasswordIsOther,
      databaseDied,
      ...{ stop: stops.run, stopWaitsFor: stops.waitingFor },
    };
  } catch (error) {
    await stops.run();
    throw startFailure(error, config.HUB_DATA_DIR);
  }
};
