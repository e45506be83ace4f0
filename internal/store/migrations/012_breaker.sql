-- The breaker: many accounts that the portal does not answer are one trouble, and while it lasts the portal is left alone.

ALTER TABLE scraping_history
    DROP CONSTRAINT scraping_history_outcome_check,
    ADD CONSTRAINT scraping_history_outcome_check CHECK (outcome IN (
        'success', 'partial', 'held', 'credentials_rejected', 'account_locked', 'session_expired', 'layout_changed',
        'portal_throttled', 'portal_down', 'cancelled', 'timed_out', 'terminated', 'worker_lost', 'internal_error',
        'skipped_overlap', 'paused', 'held_credentials', 'breaker_open'));

-- How each login fares at a portal: when it was not answered, and when it was last answered.
CREATE TABLE breaker_accounts (
    portal        text        NOT NULL, -- origin
    credential_id bigint      NOT NULL,
    down_since    timestamptz,          -- the first failure since it was last answered
    down_at       timestamptz,          -- the newest one
    answered_at   timestamptz,
    PRIMARY KEY (portal, credential_id),
    CONSTRAINT breaker_accounts_credential_id_fkey
        FOREIGN KEY (credential_id) REFERENCES user_credentials (id) ON DELETE CASCADE,
    CONSTRAINT breaker_accounts_down_check CHECK ((down_since IS NULL) = (down_at IS NULL))
);

-- Each time that the breaker was open. It is open while one of them is not closed.
CREATE TABLE breaker_incidents (
    id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    portal        text        NOT NULL,
    since         timestamptz NOT NULL,           -- the first failure that counted, or the last answer
    opened_at     timestamptz NOT NULL,
    closed_at     timestamptz,
    closed_by     text,                           -- null: the portal answered
    message       text        NOT NULL,
    accounts      integer     NOT NULL,           -- that were not answered
    slots_skipped integer     NOT NULL DEFAULT 0,
    probes        integer     NOT NULL DEFAULT 0, -- that were not answered
    probe_at      timestamptz NOT NULL,           -- from then on the next scheduled run is let through
    probe_run_id  bigint,                         -- the run that was let through last
    probe_until   timestamptz,                    -- so long it may take
    CONSTRAINT breaker_incidents_closed_check CHECK (closed_by IS NULL OR closed_at IS NOT NULL),
    CONSTRAINT breaker_incidents_probe_check CHECK ((probe_run_id IS NULL) = (probe_until IS NULL))
);

CREATE UNIQUE INDEX breaker_incidents_open_key ON breaker_incidents (portal) WHERE closed_at IS NULL;
CREATE INDEX breaker_incidents_portal_id_idx ON breaker_incidents (portal, id DESC);
