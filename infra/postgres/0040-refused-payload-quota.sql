-- Of every device the newest refused payloads are kept, and none for longer than thirty days.
ALTER TABLE hub.refused_payload ADD COLUMN device text;
CREATE INDEX refused_payload_of_device ON hub.refused_payload (device, stored_at);
CREATE INDEX refused_payload_by_age ON hub.refused_payload (stored_at);
