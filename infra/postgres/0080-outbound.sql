-- What left the hub for other systems and for people, and how it was answered. Kept here and not folded from the log:
-- a rebuild must not send anything again.

-- Which process sends; the others wait until it is silent.
CREATE TABLE hub.outbound_lease (
  name text PRIMARY KEY,
  owner text NOT NULL,
  until_at timestamptz NOT NULL
);

-- Where each target stands; `state` as services/outbound/delivery-state.ts has it.
CREATE TABLE hub.outbound_delivery (
  target text PRIMARY KEY,
  state jsonb NOT NULL,
  -- What the target hasn't taken yet, as far as it was read: the next event, and how many at least.
  waiting jsonb,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Secrets that messages are signed with: readable on purpose, and apart from the log, so that they can be destroyed.
CREATE TABLE hub.outbound_secret (
  target text NOT NULL,
  secret text NOT NULL,
  -- Set on the one before: both sign until then.
  until_at timestamptz,
  PRIMARY KEY (target, secret)
);

CREATE TABLE hub.outbound_dead_letter (
  number bigint GENERATED ALWAYS AS IDENTITY,
  target text NOT NULL,
  event_id text NOT NULL,
  stream text NOT NULL,
  revision integer NOT NULL,
  type text NOT NULL,
  compound text,
  reason text NOT NULL,
  died_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('dead', 'wished', 'delivered')),
  wished_by text,
  wished_at timestamptz,
  delivered_at timestamptz,
  PRIMARY KEY (target, event_id)
);
CREATE INDEX outbound_dead_letter_number ON hub.outbound_dead_letter (target, number);
CREATE INDEX outbound_dead_letter_wished ON hub.outbound_dead_letter (target, number) WHERE state = 'wished';

-- Which order of another system stands for ours.
CREATE TABLE hub.connector_link (
  connector text NOT NULL,
  work_order text NOT NULL,
  remote_id text NOT NULL,
  -- What the other system was last known to say of it.
  remote_status text NOT NULL,
  -- Why a wish of the other system was refused here, until one is taken.
  trouble text,
  PRIMARY KEY (connector, work_order)
);
CREATE UNIQUE INDEX connector_link_remote ON hub.connector_link (connector, remote_id);
-- How far the other system's changes were read, in its own words.
CREATE TABLE hub.connector_cursor (
  connector text PRIMARY KEY,
  cursor text NOT NULL
);

-- Where people are reached; apart from the log because it must be erasable.
CREATE TABLE hub.contact (
  person text PRIMARY KEY,
  email text,
  webhook text,
  webhook_secret text,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- One row per notice, person and channel.
CREATE TABLE hub.notice_delivery (
  notice text NOT NULL,
  person text NOT NULL,
  channel text NOT NULL,
  compound text NOT NULL,
  work_order text,
  data jsonb NOT NULL,
  issued_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  next_try_at timestamptz,
  outcome text,
  settled_at timestamptz,
  PRIMARY KEY (notice, person, channel)
);
CREATE INDEX notice_delivery_due ON hub.notice_delivery (next_try_at) WHERE state = 'waiting';
CREATE INDEX notice_delivery_compound ON hub.notice_delivery (compound, issued_at DESC);
CREATE INDEX notice_delivery_order ON hub.notice_delivery (work_order, issued_at DESC);
