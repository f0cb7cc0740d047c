-- A device has two streams since, each with revisions of its own. The fault router is never replayed, so its memory is
-- altered and not made anew; where it is not there yet, it will be made with the column.
ALTER TABLE IF EXISTS hub.fault_routing ADD COLUMN IF NOT EXISTS telemetry_revision integer NOT NULL DEFAULT -1;
