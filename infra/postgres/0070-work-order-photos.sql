-- Photos of work orders, apart from the log because they may show people and must be erasable. The order's event names
-- a photo by its hash.
CREATE TABLE hub.work_order_photo (
  work_order text NOT NULL,
  sha256 text NOT NULL,
  media_type text NOT NULL,
  bytes bytea NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (work_order, sha256)
);
-- Compressed pictures don't get smaller by being compressed again.
ALTER TABLE hub.work_order_photo ALTER COLUMN bytes SET STORAGE EXTERNAL;
