-- What replays of ratings under another version of the standard found. Rated by a worker and not folded from events,
-- so it is no projection; the wish for a replay and its end are events (stream rating-replay-<id>).
CREATE TABLE hub.rating_replay_run (
  replay text PRIMARY KEY,
  planned_at timestamptz NOT NULL
);
CREATE TABLE hub.rating_replay_compound (
  replay text NOT NULL REFERENCES hub.rating_replay_run ON DELETE CASCADE,
  compound text NOT NULL,
  time_zone text NOT NULL,
  -- Where a worker that comes back goes on: the first one without.
  done_at timestamptz,
  -- Why it could not be rated.
  failure text,
  -- Stars of each day of the period, null before the compound was registered.
  stars_in_force smallint[] NOT NULL DEFAULT '{}',
  stars_replayed smallint[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (replay, compound)
);
CREATE INDEX rating_replay_compound_left ON hub.rating_replay_compound (replay, compound) WHERE done_at IS NULL;
-- One row per stretch of days on which the two standards give the same two different stars.
CREATE TABLE hub.rating_replay_change (
  replay text NOT NULL REFERENCES hub.rating_replay_run ON DELETE CASCADE,
  compound text NOT NULL,
  day date NOT NULL,
  until_day date NOT NULL,
  days integer NOT NULL,
  stars_in_force smallint NOT NULL,
  stars_replayed smallint NOT NULL,
  criteria text[] NOT NULL,
  PRIMARY KEY (replay, compound, day)
);
