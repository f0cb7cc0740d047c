-- Clocks that nobody sets, as they stood when the hub was last alive, and the start of the machine that they count from.
ALTER TABLE hub.alive ADD COLUMN boot text, ADD COLUMN clocks_ms double precision[];
