-- Clients that were turned away at CONNECT: who they said they were, bounded and for thirty days. No events, since
-- anybody who reaches the port can cause one.
CREATE TABLE hub.heard_connection (
  id text PRIMARY KEY,
  username text,
  client_id text NOT NULL,
  certificate_name text,
  address text NOT NULL,
  protocol_version integer NOT NULL,
  reason text NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  times integer NOT NULL);
CREATE INDEX heard_connection_newest ON hub.heard_connection (last_at);
-- When a device last came with its password, to the minute.
CREATE TABLE hub.credential_use (
  device text PRIMARY KEY,
  used_at timestamptz NOT NULL,
  with_former boolean NOT NULL);
-- What a device or installer turns into a credential: a claim code of one device, once, or a key with which so many
-- gateways of a compound enrol themselves. Only hashes, and no events: the credential that comes of it is one.
CREATE TABLE hub.enrolment (
  secret_sha256 text PRIMARY KEY,
  compound text NOT NULL,
  device text,
  dialect text,
  uses_left integer NOT NULL,
  issued_by text NOT NULL,
  expires_at timestamptz NOT NULL);
CREATE INDEX enrolment_compound ON hub.enrolment (compound, expires_at);
