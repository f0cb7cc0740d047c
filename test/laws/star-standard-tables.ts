/** The standards once more, typed by hand from their documents: a number that is changed in a data file shows here. */
export interface StandardTable {
  effectiveFrom: string;
  draft: boolean;
  bands: string;
  floorPercent: number;
  shares: string;
  nothingBelowPercent: number;
  windowDays: number;
  profiles: string;
  categories: string;
  /** `id | category | 3★/4★/5★ unit | points | mandatory from | profiles | basis | measure`. */
  criteria: string;
}

const common = {
  shares: '75/88/100',
  windowDays: 30,
  profiles: 'new 4, retrofit 3',
  categories: 'ACC 18, CAM 18, CHG 16, SEN 20, PLT 10, PRO 12, GOV 6',
};
const overheating =
  'high-temperature,over-temperature,connector-over-temperature,overheating,over-current,over-current-failure,overload';

export const standardTables: Readonly<Record<string, StandardTable>> = {
  'weihai-smart-compound@2020.1': {
    ...common,
    effectiveFrom: '2020-01-01',
    draft: false,
    bands: '50/60/70/80/90',
    floorPercent: 30,
    nothingBelowPercent: 50,
    criteria: `
CTL-1 | control | 30/30/30 d | 0 | 1 | all | C | retention-days deviceKinds=camera reportDueDays=2 judgedByAgeUntilDays=30 whenNone=no-evidence
CTL-2 | control | 100/100/100 % | 0 | 1 | all | B | gates-with-another-way feature=face otherWays=card,code,phone whenNone=not-applicable
CTL-3 | control | 100/100/100 % | 0 | 1 | new | B | figure-ratio numerator.figure=evReadySpaces denominator=parkingSpaces percent=true
CTL-4 | control | 100/100/100 % | 0 | 1 | all | D | figure-present figures=fireDutyRoster,microFireStation
ACC-1 | ACC | 80/100/100 % | 5 | 3 | all | D | position-coverage positions=pedestrian-gate deviceKinds=access-gate heard=true whenNone=no-evidence
ACC-2 | ACC | 100/100/100 % | 4 | 3 | all | D | position-coverage positions=vehicle-gate deviceKinds=access-gate,camera features=plate-recognition heard=false whenNone=no-evidence notApplicableIfZero=parkingSpaces
ACC-3 | ACC | 60/90/100 % | 3 | 4 | all | D | position-coverage positions=unit-door deviceKinds=access-gate features=smart-lock heard=false whenNone=no-evidence
ACC-4 | ACC | 90/95/98 % | 4 | 4 | all | D | online-rate deviceKinds=access-gate commissioningSeconds=3600 whenNone=no-evidence
ACC-5 | ACC | 90/95/99 % | 2 | - | all | D | delivery-within eventTypes=gate.passed withinSeconds=60 whenNone=no-evidence
CAM-1 | CAM | 90/100/100 % | 5 | 1 | all | A/B/B | position-coverage positions=entrance,garage-entrance,main-road,fire-lane deviceKinds=camera heard=false whenNone=no-evidence
CAM-2 | CAM | 90/95/100 % | 3 | 1 | all | A/D/D | connected-share deviceKinds=camera whenNone=no-evidence
CAM-3 | CAM | 90/95/98 % | 5 | 1 | all | A/D/D | online-rate deviceKinds=camera commissioningSeconds=3600 whenNone=no-evidence
CAM-4 | CAM | 80/90/95 % | 2 | - | all | A/D/D | picture-rate deviceKinds=camera whenNone=no-evidence
CAM-5 | CAM | 30/60/100 % | 3 | 5 | all | D | position-coverage positions=perimeter-zone,falling-object-zone deviceKinds=camera,sensor heard=false whenNone=not-applicable
CHG-1 | CHG | 10/15/30 % | 5 | 3 | all | K/B/C | figure-ratio numerator.portsOf.deviceKinds=charging-post numerator.portsOf.withoutFeature=e-bike-charging denominator=parkingSpaces percent=true
CHG-2 | CHG | 90/95/98 % | 4 | 3 | all | B/D/D | online-rate deviceKinds=charging-post commissioningSeconds=3600 whenNone=no-evidence notApplicableIfZero=parkingSpaces
CHG-3 | CHG | 0.2/0.33/0.5  | 4 | 4 | all | D/B/D | figure-ratio numerator.figure=eBikePorts numerator.portsOf.deviceKinds=charging-post numerator.portsOf.feature=e-bike-charging denominator=eBikes percent=false
CHG-4 | CHG | 90/95/98 % | 3 | - | all | D | safety-faults-closed deviceKinds=charging-post codes=${overheating} dueSeconds=7200 whenNone=not-applicable
SEN-1 | SEN | 90/95/98 % | 4 | 3 | all | D | online-rate deviceKinds=sensor features=smoke commissioningSeconds=3600 whenNone=no-evidence
SEN-2 | SEN | 95/98/99 % | 4 | 4 | all | D | in-band-share deviceKinds=sensor features=fire-water commissioningSeconds=3600 whenNone=no-evidence
SEN-3 | SEN | 60/100/100 % | 4 | 4 | all | D | position-coverage positions=lift features=lift-monitor heard=false whenNone=not-applicable
SEN-4 | SEN | 30/60/100 % | 3 | 5 | all | D | position-coverage positions=lift features=e-bike-detection heard=false whenNone=not-applicable
SEN-5 | SEN | 80/90/95 % | 2 | - | all | D | online-rate deviceKinds=sensor features=environment,manhole,level commissioningSeconds=3600 whenNone=no-evidence
SEN-6 | SEN | 90/95/98 % | 3 | 3 | all | D | acknowledged-within priorities=P0 withinSeconds=180 whenNone=not-applicable
PLT-1 | PLT | 90/98/99.5 % | 4 | 3 | all | D | platform-days
PLT-2 | PLT | 90/98/100 % | 3 | 3 | all | D | master-data-complete deviceFields=name,position compoundFields=code,district,coordinates whenNone=no-evidence
PLT-3 | PLT | 95/98/99 % | 3 | - | all | D | unexplained-gap-hours whenNone=no-evidence
PRO-1 | PRO | 90/95/98 % | 4 | 3 | all | D/D/K | on-time priorities=P1 step=on-site whenNone=not-applicable
PRO-2 | PRO | 90/95/98 % | 4 | 3 | all | D/D/K | on-time priorities=P2 step=resolve whenNone=not-applicable
PRO-3 | PRO | 85/90/95 % | 2 | - | all | D/N/D | satisfaction satisfiedFrom=4
PRO-4 | PRO | 100/100/100 % | 2 | 3 | all | N | figure-present figures=contractDisclosed,feeItemsDisclosed
GOV-1 | GOV | 75/100/100 % | 3 | 4 | all | D | meetings-held lookBackDays=365
GOV-2 | GOV | 90/95/98 % | 3 | 4 | all | D | whistles-on-time
`,
  },
  'weihai-smart-compound@2026.1': {
    ...common,
    effectiveFrom: '2026-07-01',
    draft: true,
    bands: '55/65/75/85/92',
    floorPercent: 40,
    nothingBelowPercent: 60,
    criteria: `
CTL-1 | control | 45/45/45 d | 0 | 1 | all | D | retention-days deviceKinds=camera reportDueDays=2 judgedByAgeUntilDays=45 whenNone=no-evidence
CTL-2 | control | 100/100/100 % | 0 | 1 | all | D | gates-with-another-way feature=face otherWays=card,code,phone whenNone=not-applicable
CTL-3 | control | 100/100/100 % | 0 | 1 | new | D | figure-ratio numerator.figure=evReadySpaces denominator=parkingSpaces percent=true
CTL-4 | control | 100/100/100 % | 0 | 1 | all | D | figure-present figures=fireDutyRoster,microFireStation
ACC-1 | ACC | 90/100/100 % | 5 | 3 | all | D | position-coverage positions=pedestrian-gate deviceKinds=access-gate heard=true whenNone=no-evidence
ACC-2 | ACC | 100/100/100 % | 4 | 3 | all | D | position-coverage positions=vehicle-gate deviceKinds=access-gate,camera features=plate-recognition heard=false whenNone=no-evidence notApplicableIfZero=parkingSpaces
ACC-3 | ACC | 80/95/100 % | 3 | 3 | all | D | position-coverage positions=unit-door deviceKinds=access-gate features=smart-lock heard=false whenNone=no-evidence
ACC-4 | ACC | 95/98/99 % | 4 | 4 | all | D | online-rate deviceKinds=access-gate commissioningSeconds=3600 whenNone=no-evidence
ACC-5 | ACC | 95/98/99.5 % | 2 | - | all | D | delivery-within eventTypes=gate.passed withinSeconds=30 whenNone=no-evidence
CAM-1 | CAM | 95/100/100 % | 5 | 1 | all | D | position-coverage positions=entrance,garage-entrance,main-road,fire-lane deviceKinds=camera heard=false whenNone=no-evidence
CAM-2 | CAM | 95/98/100 % | 3 | 1 | all | D | connected-share deviceKinds=camera whenNone=no-evidence
CAM-3 | CAM | 95/98/99 % | 5 | 1 | all | D | online-rate deviceKinds=camera commissioningSeconds=3600 whenNone=no-evidence
CAM-4 | CAM | 90/95/98 % | 2 | 4 | all | D | picture-rate deviceKinds=camera whenNone=no-evidence
CAM-5 | CAM | 50/80/100 % | 3 | 5 | all | D | position-coverage positions=perimeter-zone,falling-object-zone deviceKinds=camera,sensor heard=false whenNone=not-applicable
CHG-1 | CHG | 15/20/30 % | 5 | 3 | all | D | figure-ratio numerator.portsOf.deviceKinds=charging-post numerator.portsOf.withoutFeature=e-bike-charging denominator=parkingSpaces percent=true
CHG-2 | CHG | 95/98/99 % | 4 | 3 | all | D | online-rate deviceKinds=charging-post commissioningSeconds=3600 whenNone=no-evidence notApplicableIfZero=parkingSpaces
CHG-3 | CHG | 0.25/0.4/0.5  | 4 | 4 | all | D | figure-ratio numerator.figure=eBikePorts numerator.portsOf.deviceKinds=charging-post numerator.portsOf.feature=e-bike-charging denominator=eBikes percent=false
CHG-4 | CHG | 95/98/100 % | 3 | - | all | D | safety-faults-closed deviceKinds=charging-post codes=${overheating} dueSeconds=3600 whenNone=not-applicable
SEN-1 | SEN | 95/98/99 % | 4 | 3 | all | D | online-rate deviceKinds=sensor features=smoke commissioningSeconds=3600 whenNone=no-evidence
SEN-2 | SEN | 97/99/99.5 % | 4 | 3 | all | D | in-band-share deviceKinds=sensor features=fire-water commissioningSeconds=3600 whenNone=no-evidence
SEN-3 | SEN | 80/100/100 % | 4 | 3 | all | D | position-coverage positions=lift features=lift-monitor heard=false whenNone=not-applicable
SEN-4 | SEN | 50/80/100 % | 3 | 4 | all | D | position-coverage positions=lift features=e-bike-detection heard=false whenNone=not-applicable
SEN-5 | SEN | 90/95/98 % | 2 | - | all | D | online-rate deviceKinds=sensor features=environment,manhole,level commissioningSeconds=3600 whenNone=no-evidence
SEN-6 | SEN | 95/98/99 % | 3 | 3 | all | D | acknowledged-within priorities=P0 withinSeconds=120 whenNone=not-applicable
PLT-1 | PLT | 95/99/99.8 % | 4 | 3 | all | D | platform-days
PLT-2 | PLT | 95/100/100 % | 3 | 3 | all | D | master-data-complete deviceFields=name,position compoundFields=code,district,coordinates whenNone=no-evidence
PLT-3 | PLT | 97/99/99.5 % | 3 | - | all | D | unexplained-gap-hours whenNone=no-evidence
PRO-1 | PRO | 95/98/99 % | 3 | 3 | all | D | on-time priorities=P1 step=on-site whenNone=not-applicable
PRO-2 | PRO | 95/98/99 % | 3 | 3 | all | D | on-time priorities=P2 step=resolve whenNone=not-applicable
PRO-3 | PRO | 88/92/96 % | 2 | 4 | all | D | satisfaction satisfiedFrom=4
PRO-4 | PRO | 100/100/100 % | 2 | 3 | all | D | figure-present figures=contractDisclosed,feeItemsDisclosed
PRO-5 | PRO | 85/90/95 % | 2 | 4 | all | D | on-time priorities=P1 step=resolve whenNone=not-applicable
GOV-1 | GOV | 100/100/100 % | 3 | 4 | all | D | meetings-held lookBackDays=365
GOV-2 | GOV | 95/98/100 % | 3 | 4 | all | D | whistles-on-time
`,
  },
};
