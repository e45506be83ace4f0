-- What was asked of a run, and what it did, thing by thing. All of it goes with the run.

ALTER TABLE scraping_history
    ADD COLUMN run_options         jsonb, -- null: nothing beside the schedule's settings
    ADD COLUMN cancel_requested_by text,
    ADD COLUMN cancel_requested_at timestamptz,
    ADD CONSTRAINT scraping_history_cancel_requested_check
        CHECK ((cancel_requested_by IS NULL) = (cancel_requested_at IS NULL)),
    DROP CONSTRAINT scraping_history_outcome_check,
    ADD CONSTRAINT scraping_history_outcome_check CHECK (outcome IN (
        'success', 'partial', 'held', 'credentials_rejected', 'account_locked', 'session_expired', 'layout_changed',
        'portal_throttled', 'portal_down', 'cancelled', 'timed_out', 'terminated', 'worker_lost', 'internal_error',
        'skipped_overlap', 'paused', 'held_credentials')),
    -- A run of many locations may come to any conclusion: what was read is applied all the same.
    DROP CONSTRAINT scraping_history_applied_outcome_check,
    ADD CONSTRAINT scraping_history_applied_outcome_check CHECK (applied_outcome IN (
        'success', 'partial', 'held', 'credentials_rejected', 'account_locked', 'session_expired', 'layout_changed',
        'portal_throttled', 'portal_down', 'cancelled', 'timed_out', 'terminated', 'worker_lost', 'internal_error'));

-- The locations of a run.
CREATE TABLE run_sites (
    run_id          bigint  NOT NULL,
    location_id     text    NOT NULL,
    label           text    NOT NULL,
    orders          text[]  NOT NULL,            -- ids of the orders for which it is read
    state           text    NOT NULL DEFAULT 'pending',
    message         text,
    dispensers      integer NOT NULL DEFAULT 0,  -- shown by the portal
    announced       integer NOT NULL DEFAULT -1, -- the N of "Dispenser (N)"; -1 when it was not shown
    items_processed integer NOT NULL DEFAULT 0,
    items_added     integer NOT NULL DEFAULT 0,
    items_updated   integer NOT NULL DEFAULT 0,
    items_unchanged integer NOT NULL DEFAULT 0,
    items_removed   integer NOT NULL DEFAULT 0,
    items_failed    integer NOT NULL DEFAULT 0,
    read_at         timestamptz,
    result          jsonb,                       -- what was read, while it waits for a person's decision
    PRIMARY KEY (run_id, location_id),
    CONSTRAINT run_sites_run_id_fkey FOREIGN KEY (run_id) REFERENCES scraping_history (id) ON DELETE CASCADE,
    CONSTRAINT run_sites_state_check CHECK (state IN (
        'pending', 'stored', 'none', 'deleted', 'denied', 'held', 'failed', 'fresh', 'known', 'discarded')),
    CONSTRAINT run_sites_result_check CHECK (result IS NULL OR state = 'held')
);

CREATE INDEX run_sites_location_id_run_id_idx ON run_sites (location_id, run_id DESC);

-- The user is the run's; the column is here for the index.
CREATE TABLE run_changes (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id  bigint      NOT NULL,
    user_id varchar(32) NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    kind    text        NOT NULL,
    item    text        NOT NULL,
    key     text        NOT NULL,
    label   text        NOT NULL,
    fields  jsonb       NOT NULL DEFAULT '[]', -- [{"field", "old", "new"}] in the order of the fields
    CONSTRAINT run_changes_run_id_fkey FOREIGN KEY (run_id) REFERENCES scraping_history (id) ON DELETE CASCADE,
    CONSTRAINT run_changes_kind_check CHECK (kind IN ('added', 'changed', 'removed', 'returned'))
);

CREATE INDEX run_changes_run_id_id_idx ON run_changes (run_id, id);
CREATE INDEX run_changes_user_id_item_key_id_idx ON run_changes (user_id, item, key, id DESC);

-- A step that is done in batches has a first attempt for each of them, so the number alone names none.
CREATE TABLE run_attempts (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id  bigint      NOT NULL,
    step    text        NOT NULL,
    number  integer     NOT NULL,
    at      timestamptz NOT NULL,
    kind    text        NOT NULL, -- empty: nothing failed, but the result looked wrong
    message text        NOT NULL,
    detail  text        NOT NULL,
    missing jsonb,                -- {"page", "element", "selector"}
    CONSTRAINT run_attempts_run_id_step_number_at_key UNIQUE (run_id, step, number, at),
    CONSTRAINT run_attempts_run_id_fkey FOREIGN KEY (run_id) REFERENCES scraping_history (id) ON DELETE CASCADE
);

CREATE TABLE run_evidence (
    run_id       bigint      NOT NULL,
    name         text        NOT NULL,
    user_id      varchar(32) NOT NULL, -- the run's; for the index
    content_type text        NOT NULL,
    step         text        NOT NULL,
    attempt      integer     NOT NULL,
    taken_at     timestamptz NOT NULL,
    body         bytea       NOT NULL,
    size         integer     NOT NULL GENERATED ALWAYS AS (octet_length(body)) STORED,
    PRIMARY KEY (run_id, name),
    CONSTRAINT run_evidence_run_id_fkey FOREIGN KEY (run_id) REFERENCES scraping_history (id) ON DELETE CASCADE,
    -- Names are part of addresses.
    CONSTRAINT run_evidence_name_check CHECK (name ~ '^[A-Za-z0-9-]+\.[A-Za-z0-9-]+$')
);

CREATE INDEX run_evidence_user_id_run_id_idx ON run_evidence (user_id, run_id DESC);
