import { alertFile } from './alerts.ts';
import { city } from './city.ts';
import { compound } from './compound.ts';
import { operations } from './operations.ts';

/** What is generated, by its path in the repository; one folder of dashboards is one folder in Grafana. */
export const generatedFiles = (): Record<string, unknown> => ({
  'dashboards/grafana/city/city.json': city().build(),
  'dashboards/grafana/compound/compound.json': compound().build(),
  'dashboards/grafana/operations/operations.json': operations().build(),
  'infra/grafana/provisioning/alerting/rules.json': alertFile(),
});
