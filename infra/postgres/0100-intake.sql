-- What residents told of themselves, apart from the log because it must be erasable. The order's events carry none of it.
CREATE TABLE hub.intake_report (
  -- Of the receipt that the resident holds; the receipt itself is stored nowhere.
  receipt_sha256 text PRIMARY KEY,
  work_order text NOT NULL UNIQUE,
  compound text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('repair', 'complaint')),
  contact text,
  place text,
  -- As it was written; the order's event has it with numbers and addresses masked.
  words text,
  reported_at timestamptz NOT NULL,
  erase_at timestamptz NOT NULL,
  erased_at timestamptz
);
CREATE INDEX intake_report_erase ON hub.intake_report (erase_at) WHERE erased_at IS NULL;
