-- Where each projection stands in the log; written in the same transaction as its tables.
CREATE TABLE hub.projection_checkpoint (
  projection text PRIMARY KEY,
  version integer NOT NULL,
  position text,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- People and their sessions. Passwords as slow hashes, session tokens as fast ones: they are random.
CREATE TABLE hub.account (
  name text PRIMARY KEY,
  role text NOT NULL,
  password text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE hub.session (
  token_sha256 text PRIMARY KEY,
  name text NOT NULL REFERENCES hub.account ON DELETE CASCADE,
  expires_at timestamptz NOT NULL
);

-- Keys of the pseudonyms; deleting one makes that month's pseudonyms of that compound meaningless.
CREATE TABLE hub.pseudonym_key (
  compound text NOT NULL,
  month text NOT NULL,
  key bytea NOT NULL,
  PRIMARY KEY (compound, month)
);

-- Bytes of refused payloads, apart from the log because they may name people and must be erasable.
CREATE TABLE hub.refused_payload (
  sha256 text PRIMARY KEY,
  payload bytea NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT now()
);

-- What a dialect asked to remember for a later message of the same sender.
CREATE TABLE hub.dialect_memory (
  sender text NOT NULL,
  key text NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (sender, key)
);

-- When the hub was last alive, so that its next start can tell how long it was away.
CREATE TABLE hub.alive (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  at timestamptz NOT NULL
);
