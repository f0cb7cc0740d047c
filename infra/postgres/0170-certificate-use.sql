-- When a device last came with which certificate, to some seconds; also one that the hub did not issue.
CREATE TABLE hub.certificate_use (
  device text NOT NULL,
  serial text NOT NULL,
  authority text,
  valid_to timestamptz NOT NULL,
  used_at timestamptz NOT NULL,
  PRIMARY KEY (device, serial));
