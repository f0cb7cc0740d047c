-- The log on shelves: what never goes stands on one, telemetry on one per month that goes as a whole when it is old.
--
-- A unique index of a partitioned table holds within a partition only. That is enough: an event's shelf follows from
-- its stream and its id, so that an id sent again meets itself, and positions and revisions are given out by the one
-- fenced writer, so that the indexes only guard its work. There is no default partition: the writer makes a month's
-- shelf in the transaction of its first event.
ALTER TABLE hub.event RENAME TO event_kept;
ALTER TABLE hub.event_kept
  DROP CONSTRAINT event_pkey,
  DROP CONSTRAINT event_id_unique,
  DROP CONSTRAINT event_stream_revision_unique,
  ADD COLUMN shelf date NOT NULL DEFAULT '-infinity',
  -- CRC-32 of what the event's hash covers, looked at by every read; null in rows from before this migration.
  ADD COLUMN checksum integer;

CREATE TABLE hub.event (
  position bigint NOT NULL,
  stream text NOT NULL,
  revision integer NOT NULL,
  id uuid NOT NULL,
  type text NOT NULL,
  data text NOT NULL,
  meta text NOT NULL,
  -- First day of the month, UTC; -infinity for the shelf that is never dropped.
  shelf date NOT NULL DEFAULT '-infinity',
  checksum integer,
  CONSTRAINT event_pkey PRIMARY KEY (position, shelf),
  CONSTRAINT event_id_unique UNIQUE (id, shelf),
  CONSTRAINT event_stream_revision_unique UNIQUE (stream, revision, shelf)
) PARTITION BY RANGE (shelf);
ALTER TABLE hub.event ATTACH PARTITION hub.event_kept FOR VALUES FROM (MINVALUE) TO ('1970-01-01');

-- One entry per shelf of a commit: its root, and which positions it holds. Null where all of it stands on the kept one.
ALTER TABLE hub.seal ADD COLUMN parts jsonb;

-- Where a stream stood when a month of it was dropped: its revisions go on from there.
CREATE TABLE hub.expired_stream (
  stream text PRIMARY KEY,
  revision integer NOT NULL
);
