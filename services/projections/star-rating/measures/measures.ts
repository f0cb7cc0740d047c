import { z } from 'zod';
import type { RatingFacts } from '../facts.ts';
import * as devices from './devices.ts';
import * as figures from './figures.ts';
import * as happenings from './happenings.ts';
import type { Measured } from './measured.ts';
import * as online from './online.ts';
import * as people from './people.ts';
import * as register from './register.ts';
import * as reports from './reports.ts';

/** The closed list of measures. A criterion is data over one of these; a new measure is code with a test. */
export const measureParameters = z.discriminatedUnion('name', [
  register.positionCoverageParameters,
  register.gatesWithAnotherWayParameters,
  figures.figureRatioParameters,
  figures.figurePresentParameters,
  register.masterDataCompleteParameters,
  devices.connectedShareParameters,
  online.onlineRateParameters,
  online.inBandShareParameters,
  devices.retentionDaysParameters,
  reports.deliveryWithinParameters,
  reports.pictureRateParameters,
  reports.unexplainedGapHoursParameters,
  reports.platformDaysParameters,
  happenings.safetyFaultsClosedParameters,
  happenings.acknowledgedWithinParameters,
  happenings.onTimeParameters,
  happenings.satisfactionParameters,
  happenings.meetingsHeldParameters,
  happenings.whistlesOnTimeParameters,
]);
export type MeasureParameters = z.infer<typeof measureParameters>;

export const measure = (facts: RatingFacts, parameters: MeasureParameters): Measured => {
  switch (parameters.name) {
    case 'position-coverage':
      return register.positionCoverage(facts, parameters);
    case 'gates-with-another-way':
      return register.gatesWithAnotherWay(facts, parameters);
    case 'figure-ratio':
      return figures.figureRatio(facts, parameters);
    case 'figure-present':
      return figures.figurePresent(facts, parameters);
    case 'master-data-complete':
      return register.masterDataComplete(facts, parameters);
    case 'connected-share':
      return devices.connectedShare(facts, parameters);
    case 'online-rate':
      return online.onlineRate(facts, parameters);
    case 'in-band-share':
      return online.inBandShare(facts, parameters);
    case 'retention-days':
      return devices.retentionDays(facts, parameters);
    case 'delivery-within':
      return reports.deliveryWithin(facts, parameters);
    case 'picture-rate':
      return reports.pictureRate(facts, parameters);
    case 'unexplained-gap-hours':
      return reports.unexplainedGapHours(facts, parameters);
    case 'platform-days':
      return reports.platformDays(facts);
    case 'safety-faults-closed':
      return people.safetyFaultsClosed(facts, parameters);
    case 'acknowledged-within':
      return people.acknowledgedWithin(facts, parameters);
    case 'on-time':
      return people.onTime(facts, parameters);
    case 'satisfaction':
      return people.satisfaction(facts, parameters);
    case 'meetings-held':
      return people.meetingsHeld(facts, parameters);
    case 'whistles-on-time':
      return people.whistlesOnTime(facts);
  }
};
