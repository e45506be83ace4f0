-- What a slot does that comes while a run of its schedule is going: it is skipped, or one waits for the run to end.

ALTER TABLE scraping_schedules
    ADD COLUMN overlap text NOT NULL DEFAULT 'skip',
    ADD CONSTRAINT scraping_schedules_overlap_check CHECK (overlap IN ('skip', 'buffer_one'));

ALTER TABLE schedule_versions ADD COLUMN overlap text NOT NULL DEFAULT 'skip';

CREATE OR REPLACE FUNCTION note_schedule_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (
        NEW.interval_hours, NEW.offset_seconds, NEW.active_hours, NEW.timezone, NEW.cron, NEW.active_days, NEW.skip_dates, NEW.starts_at,
        NEW.ends_at, NEW.dst_policy, NEW.catchup, NEW.overlap, NEW.enabled, NEW.pause_reason, NEW.suspended_at IS NOT NULL
    ) IS NOT DISTINCT FROM (
        OLD.interval_hours, OLD.offset_seconds, OLD.active_hours, OLD.timezone, OLD.cron, OLD.active_days, OLD.skip_dates, OLD.starts_at,
        OLD.ends_at, OLD.dst_policy, OLD.catchup, OLD.overlap, OLD.enabled, OLD.pause_reason, OLD.suspended_at IS NOT NULL
    ) THEN
        RETURN NEW;
    END IF;
    INSERT INTO schedule_versions (
        schedule_id, interval_hours, offset_seconds, active_hours, timezone, cron, active_days, skip_dates, starts_at, ends_at,
        dst_policy, catchup, overlap, enabled, pause_reason, suspended
    )
    VALUES (
        NEW.id, NEW.interval_hours, NEW.offset_seconds, NEW.active_hours, NEW.timezone, NEW.cron, NEW.active_days, NEW.skip_dates,
        NEW.starts_at, NEW.ends_at, NEW.dst_policy, NEW.catchup, NEW.overlap, NEW.enabled, NEW.pause_reason, NEW.suspended_at IS NOT NULL
    );
    RETURN NEW;
END
$$;
