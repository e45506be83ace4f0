-- A workflow may stay open in Temporal after its row has ended, as when its worker dies in between. Until then Temporal skips the slots of its
-- schedule. Null: it was gone within a moment.

ALTER TABLE scraping_history ADD COLUMN open_until timestamptz;
