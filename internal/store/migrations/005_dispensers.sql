-- Dispensers belong to a location: orders come and go, and several may be at the same one.

ALTER TABLE dispensers
    ADD COLUMN user_id          varchar(32),
    ADD COLUMN location_id      text,  -- null for rows of the old database whose order names no location
    ADD COLUMN title            text,
    ADD COLUMN numbers          jsonb  NOT NULL DEFAULT '[]', -- the sides: ["1", "2"]
    ADD COLUMN grades           jsonb  NOT NULL DEFAULT '[]', -- names in the card's order
    ADD COLUMN stand_alone_code text,
    ADD COLUMN custom_fields    jsonb  NOT NULL DEFAULT '{}',
    ADD COLUMN removed_at       timestamptz; -- when it was first missing from a complete page

-- What the old columns hold was written by programs that disagreed on shapes, so only what fits is taken over.
UPDATE dispensers AS d
SET
    user_id          = w.user_id,
    location_id      = COALESCE(NULLIF(w.location_id, ''), substring(w.customer_url FROM '/locations/([0-9]+)')),
    title            = d.form_data ->> 'title',
    stand_alone_code = d.form_data ->> 'stand_alone_code',
    numbers          = COALESCE(
        (
            SELECT jsonb_agg(side ORDER BY place)
            FROM jsonb_array_elements(CASE
                WHEN jsonb_typeof(d.form_data -> 'dispenser_numbers') = 'array' THEN d.form_data -> 'dispenser_numbers'
                ELSE '[]'
            END) WITH ORDINALITY AS s (side, place)
            WHERE jsonb_typeof(side) = 'string'
        ),
        to_jsonb(string_to_array(d.dispenser_number, '/'))
    ),
    grades           = COALESCE(
        (
            SELECT jsonb_agg(grade ORDER BY place)
            FROM jsonb_array_elements(CASE
                WHEN jsonb_typeof(d.form_data -> 'grades_list') = 'array' THEN d.form_data -> 'grades_list'
                ELSE '[]'
            END) WITH ORDINALITY AS g (grade, place)
            WHERE jsonb_typeof(grade) = 'string'
        ),
        (
            SELECT jsonb_agg(grade -> 'name' ORDER BY key)
            FROM jsonb_each(CASE WHEN jsonb_typeof(d.fuel_grades) = 'object' THEN d.fuel_grades ELSE '{}' END) AS g (key, grade)
            WHERE jsonb_typeof(grade -> 'name') = 'string'
        ),
        '[]'
    ),
    custom_fields    = COALESCE(
        (
            SELECT jsonb_object_agg(label, shown)
            FROM jsonb_each_text(CASE
                WHEN jsonb_typeof(d.form_data -> 'custom_fields') = 'object' THEN d.form_data -> 'custom_fields'
                ELSE '{}'
            END) AS f (label, shown)
            WHERE shown IS NOT NULL
        ),
        '{}'
    )
FROM work_orders AS w
WHERE w.id = d.work_order_id;

-- Two orders of one location had a copy each. The one that was written last is the better one.
DELETE FROM dispensers AS d
USING dispensers AS newer
WHERE newer.user_id = d.user_id
  AND newer.location_id = d.location_id
  AND newer.dispenser_number = d.dispenser_number
  AND (newer.updated_at, newer.id) > (d.updated_at, d.id);

ALTER TABLE dispensers
    ALTER COLUMN user_id SET NOT NULL,
    ALTER COLUMN work_order_id DROP NOT NULL,
    DROP CONSTRAINT dispensers_work_order_id_fkey,
    ADD CONSTRAINT dispensers_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES work_orders (id) ON DELETE SET NULL,
    ADD CONSTRAINT dispensers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    ADD CONSTRAINT dispensers_user_id_location_id_dispenser_number_key UNIQUE (user_id, location_id, dispenser_number);

CREATE INDEX work_orders_user_id_location_id_idx ON work_orders (user_id, location_id);

-- What the newest applied reading of a location said.
CREATE TABLE locations (
    user_id     varchar(32) NOT NULL,
    location_id text        NOT NULL,
    state       text        NOT NULL,
    message     text,
    read_at     timestamptz NOT NULL,
    PRIMARY KEY (user_id, location_id),
    CONSTRAINT locations_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT locations_state_check CHECK (state IN ('stored', 'none', 'deleted', 'denied'))
);
