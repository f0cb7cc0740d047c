-- Compounds of which something was told since the rater last looked at them; `at_once` where it can move their stars by
-- itself. Written in the transaction in which the star rating folds what was told.
CREATE TABLE hub.rating_occasion (
  compound text PRIMARY KEY,
  at_once boolean NOT NULL
);
-- What lists and charts ask of every compound's newest rating, so that nobody unpacks three thousand whole ratings for it.
ALTER TABLE hub.rating_latest
  ADD COLUMN stars integer,
  ADD COLUMN target_stars integer,
  ADD COLUMN total double precision,
  ADD COLUMN target_total double precision,
  ADD COLUMN standard text;
UPDATE hub.rating_latest SET
  stars = (rating ->> 'stars')::integer,
  target_stars = (rating ->> 'targetStars')::integer,
  total = (rating ->> 'total')::double precision,
  target_total = (SELECT (band ->> 'total')::double precision FROM jsonb_array_elements(rating -> 'bands') AS band
    WHERE band -> 'stars' = rating -> 'targetStars'),
  standard = (rating #>> '{standard,id}') || '@' || (rating #>> '{standard,version}');
ALTER TABLE hub.rating_latest
  ALTER COLUMN stars SET NOT NULL,
  ALTER COLUMN target_stars SET NOT NULL,
  ALTER COLUMN total SET NOT NULL,
  ALTER COLUMN standard SET NOT NULL;
