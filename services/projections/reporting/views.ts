import { compoundViews } from './compound-views.ts';
import { figureViews } from './figure-views.ts';
import { operationViews } from './operation-views.ts';
import { programmeViews } from './programme-views.ts';
import type { ReportingView } from './view.ts';

/** The whole interface, in an order in which each view stands on those before it. */
export const reportingViews: readonly ReportingView[] = [
  ...compoundViews,
  ...programmeViews,
  ...operationViews,
  ...figureViews,
];
