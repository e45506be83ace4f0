-- Lists of a user's runs of all schedules, and the counts of an operator's page.

CREATE INDEX scraping_history_user_id_started_at_idx
    ON scraping_history (user_id, started_at DESC, id DESC);

-- What ended of late is asked for over all users; open runs have no end and are found by scraping_history_open_key.
CREATE INDEX scraping_history_completed_at_idx
    ON scraping_history (completed_at);

-- The same of what started of late. Rows come in the order of their start, so that a summary of each stretch of the table is enough.
CREATE INDEX scraping_history_started_at_idx
    ON scraping_history USING brin (started_at);
