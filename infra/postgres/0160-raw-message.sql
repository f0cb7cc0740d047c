-- What devices sent word for word, beneath what is recorded of it. Apart from the log because it may name people: it is
-- erased when no rating looks back that far any more.
CREATE TABLE hub.raw_message (
  received_at timestamptz NOT NULL,
  sender text NOT NULL,
  dialect text NOT NULL,
  topic text NOT NULL,
  payload bytea NOT NULL,
  size_bytes integer NOT NULL,
  events uuid[] NOT NULL
);
CREATE INDEX raw_message_received_at ON hub.raw_message (received_at);
