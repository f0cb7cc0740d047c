-- The event log. `data` and `meta` are JSON as text: the hash chain covers every byte of them, and text is what the
-- log's reader and writer need, at half the cost of jsonb.
CREATE TABLE hub.event (
  position bigint PRIMARY KEY,
  stream text NOT NULL,
  revision integer NOT NULL,
  id uuid NOT NULL CONSTRAINT event_id_unique UNIQUE,
  type text NOT NULL,
  data text NOT NULL,
  meta text NOT NULL,
  CONSTRAINT event_stream_revision_unique UNIQUE (stream, revision)
);

-- One row per commit: the Merkle root of its events, chained to the row before.
CREATE TABLE hub.seal (
  last_position bigint PRIMARY KEY,
  first_position bigint NOT NULL UNIQUE,
  root text NOT NULL,
  hash text NOT NULL,
  sealed_at timestamptz NOT NULL
);

-- The fence: whoever takes the log over raises the epoch, and every commit checks that it is still its own.
CREATE TABLE hub.writer (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  epoch bigint NOT NULL,
  taken_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO hub.writer (epoch) VALUES (0);
