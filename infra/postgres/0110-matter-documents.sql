-- Papers of matters on the escalation ladder (minutes, decisions, replies), apart from the log because they may name
-- people. The matter's event names a paper by its hash.
CREATE TABLE hub.matter_document (
  matter text NOT NULL,
  sha256 text NOT NULL,
  media_type text NOT NULL,
  bytes bytea NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (matter, sha256)
);
-- Papers and pictures are compressed already.
ALTER TABLE hub.matter_document ALTER COLUMN bytes SET STORAGE EXTERNAL;
