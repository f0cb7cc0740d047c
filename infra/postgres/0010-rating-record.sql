-- What the rater found, kept for reports: the newest rating in full, and of each past day what a chart needs.
-- Computed from the log, but by the clock and not by its events, so it is no projection and is never dropped.
CREATE TABLE hub.rating_latest (
  compound text PRIMARY KEY,
  rated_at timestamptz NOT NULL,
  rating jsonb NOT NULL
);
CREATE TABLE hub.rating_day (
  compound text NOT NULL,
  -- The compound's own calendar day, and the instant at which it began.
  day date NOT NULL,
  day_start timestamptz NOT NULL,
  rated_at timestamptz NOT NULL,
  standard text NOT NULL,
  stars integer NOT NULL,
  target_stars integer NOT NULL,
  total double precision NOT NULL,
  categories jsonb NOT NULL,
  criteria jsonb NOT NULL,
  PRIMARY KEY (compound, day)
);
CREATE INDEX rating_day_start ON hub.rating_day (day_start);
