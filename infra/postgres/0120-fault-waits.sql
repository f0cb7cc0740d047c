-- What a fault waits for, storms, maintenance windows and the policies that were switched on. The fault router is never
-- replayed, so its memory is altered and not made anew; where it is not there yet, it will be made with all of this.
DO $$ BEGIN
  IF to_regclass('hub.fault_routing') IS NOT NULL THEN
    ALTER TABLE hub.fault_routing
      ADD COLUMN IF NOT EXISTS compound text, ADD COLUMN IF NOT EXISTS held_by text,
      ADD COLUMN IF NOT EXISTS fire_at text, ADD COLUMN IF NOT EXISTS detail jsonb NOT NULL DEFAULT '{}';
    CREATE INDEX IF NOT EXISTS fault_routing_fire ON hub.fault_routing (fire_at) WHERE fire_at IS NOT NULL;
    CREATE INDEX IF NOT EXISTS fault_routing_held ON hub.fault_routing (held_by) WHERE held_by IS NOT NULL;
  END IF;
END $$;
CREATE TABLE IF NOT EXISTS hub.fault_storm (compound text PRIMARY KEY, due_at text, state jsonb NOT NULL);
CREATE INDEX IF NOT EXISTS fault_storm_due ON hub.fault_storm (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS hub.maintenance_window (
  id text PRIMARY KEY, compound text NOT NULL, to_at text NOT NULL, item jsonb NOT NULL);
CREATE INDEX IF NOT EXISTS maintenance_window_compound ON hub.maintenance_window (compound, to_at);
CREATE TABLE IF NOT EXISTS hub.fault_policy (
  version integer PRIMARY KEY, policy text NOT NULL, actor text, at text NOT NULL, reason text);
CREATE TABLE IF NOT EXISTS hub.fault_covering (
  work_order text NOT NULL, device text NOT NULL, code text NOT NULL, component text NOT NULL,
  because text NOT NULL, covered_at text NOT NULL, uncovered_at text,
  PRIMARY KEY (work_order, device, code, component));
CREATE INDEX IF NOT EXISTS fault_covering_device ON hub.fault_covering (device, covered_at);
