-- The rest of a schedule's timing, what it does after failures, and which of both held when.

ALTER TABLE scraping_schedules
    ADD COLUMN cron          jsonb       NOT NULL DEFAULT '[]', -- lines of five fields; with them interval_hours is their spacing
    ADD COLUMN active_days   jsonb       NOT NULL DEFAULT '[]', -- 0 (Sunday) to 6; empty is every day
    ADD COLUMN skip_dates    jsonb       NOT NULL DEFAULT '[]', -- local dates
    ADD COLUMN starts_at     timestamptz,
    ADD COLUMN ends_at       timestamptz,
    ADD COLUMN dst_policy    text        NOT NULL DEFAULT 'twice',
    ADD COLUMN catchup       text        NOT NULL DEFAULT 'last',
    ADD COLUMN max_age_hours double precision,                  -- how old the data may be; null when nobody said
    ADD COLUMN suspended_at  timestamptz,                       -- paused by itself after failures in a row
    ADD COLUMN probe_at      timestamptz,                       -- when the next single run tries whether it works again
    ADD COLUMN probes        integer     NOT NULL DEFAULT 0,
    ADD CONSTRAINT scraping_schedules_dst_policy_check CHECK (dst_policy IN ('twice', 'once')),
    ADD CONSTRAINT scraping_schedules_catchup_check CHECK (catchup IN ('none', 'last', 'all')),
    ADD CONSTRAINT scraping_schedules_max_age_hours_check CHECK (max_age_hours > 0),
    ADD CONSTRAINT scraping_schedules_probe_check CHECK ((suspended_at IS NULL) = (probe_at IS NULL));

-- What a schedule was from when on: the slots of a past day are those of the timing that held then. It is written by a trigger, so that no
-- way of changing a schedule leaves it out.
CREATE TABLE schedule_versions (
    id             bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    schedule_id    bigint           NOT NULL,
    at             timestamptz      NOT NULL DEFAULT clock_timestamp(),
    interval_hours double precision NOT NULL,
    offset_seconds bigint           NOT NULL,
    active_hours   jsonb,
    timezone       text             NOT NULL,
    cron           jsonb            NOT NULL,
    active_days    jsonb            NOT NULL,
    skip_dates     jsonb            NOT NULL,
    starts_at      timestamptz,
    ends_at        timestamptz,
    dst_policy     text             NOT NULL,
    catchup        text             NOT NULL,
    enabled        boolean          NOT NULL,
    pause_reason   text             NOT NULL,
    suspended      boolean          NOT NULL,
    CONSTRAINT schedule_versions_schedule_id_fkey
        FOREIGN KEY (schedule_id) REFERENCES scraping_schedules (id) ON DELETE CASCADE
);

CREATE INDEX schedule_versions_schedule_id_at_idx ON schedule_versions (schedule_id, at, id);

CREATE FUNCTION note_schedule_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (
        NEW.interval_hours, NEW.offset_seconds, NEW.active_hours, NEW.timezone, NEW.cron, NEW.active_days, NEW.skip_dates, NEW.starts_at,
        NEW.ends_at, NEW.dst_policy, NEW.catchup, NEW.enabled, NEW.pause_reason, NEW.suspended_at IS NOT NULL
    ) IS NOT DISTINCT FROM (
        OLD.interval_hours, OLD.offset_seconds, OLD.active_hours, OLD.timezone, OLD.cron, OLD.active_days, OLD.skip_dates, OLD.starts_at,
        OLD.ends_at, OLD.dst_policy, OLD.catchup, OLD.enabled, OLD.pause_reason, OLD.suspended_at IS NOT NULL
    ) THEN
        RETURN NEW;
    END IF;
    INSERT INTO schedule_versions (
        schedule_id, interval_hours, offset_seconds, active_hours, timezone, cron, active_days, skip_dates, starts_at, ends_at,
        dst_policy, catchup, enabled, pause_reason, suspended
    )
    VALUES (
        NEW.id, NEW.interval_hours, NEW.offset_seconds, NEW.active_hours, NEW.timezone, NEW.cron, NEW.active_days, NEW.skip_dates,
        NEW.starts_at, NEW.ends_at, NEW.dst_policy, NEW.catchup, NEW.enabled, NEW.pause_reason, NEW.suspended_at IS NOT NULL
    );
    RETURN NEW;
END
$$;

INSERT INTO schedule_versions (
    schedule_id, at, interval_hours, offset_seconds, active_hours, timezone, cron, active_days, skip_dates, starts_at, ends_at,
    dst_policy, catchup, enabled, pause_reason, suspended
)
SELECT
    id, updated_at, interval_hours, offset_seconds, active_hours, timezone, cron, active_days, skip_dates, starts_at, ends_at,
    dst_policy, catchup, enabled, pause_reason, false
FROM scraping_schedules;

CREATE TRIGGER note_schedule_version
    AFTER INSERT OR UPDATE ON scraping_schedules
    FOR EACH ROW EXECUTE FUNCTION note_schedule_version();

-- Deleting history hides it: that a slot has run stays on record until history is too old.
ALTER TABLE scraping_history ADD COLUMN hidden_at timestamptz;

-- Slots are looked up by the time for which they were due, one schedule's range at a time.
CREATE INDEX scraping_history_schedule_id_nominal_at_idx
    ON scraping_history (schedule_id, nominal_at DESC)
    WHERE trigger_type = 'scheduled';

-- How long the runs of a schedule usually take. It is computed from the newest good runs every hour, so that nobody who asks has to wait for it.
CREATE TABLE schedule_statistics (
    schedule_id bigint           PRIMARY KEY,
    runs        integer          NOT NULL, -- that it was computed from
    p50_seconds double precision NOT NULL,
    p95_seconds double precision NOT NULL,
    updated_at  timestamptz      NOT NULL DEFAULT now(),
    CONSTRAINT schedule_statistics_schedule_id_fkey
        FOREIGN KEY (schedule_id) REFERENCES scraping_schedules (id) ON DELETE CASCADE
);

-- How new a schedule's data is. It is written by a trigger: a run may store data at its end, or when a person accepts a held result.
ALTER TABLE scraping_schedules ADD COLUMN data_at timestamptz;

UPDATE scraping_schedules AS s
SET data_at = (SELECT max(h.completed_at) FROM scraping_history AS h WHERE h.schedule_id = s.id AND h.success);

CREATE FUNCTION note_schedule_data() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE scraping_schedules
    SET data_at = GREATEST(data_at, NEW.completed_at)
    WHERE id = NEW.schedule_id;
    RETURN NEW;
END
$$;

CREATE TRIGGER note_schedule_data
    AFTER INSERT OR UPDATE OF success, completed_at ON scraping_history
    FOR EACH ROW WHEN (NEW.success)
    EXECUTE FUNCTION note_schedule_data();

-- Results that wait for a person's decision are few among very many.
CREATE INDEX scraping_history_held_idx ON scraping_history (user_id, id DESC) WHERE outcome = 'held' AND held_decision IS NULL;
CREATE INDEX run_sites_held_idx ON run_sites (run_id) WHERE state = 'held';

-- Up to when the watchdog has made up for slots that Temporal had left out without a word.
ALTER TABLE scraping_schedules ADD COLUMN healed_at timestamptz;
