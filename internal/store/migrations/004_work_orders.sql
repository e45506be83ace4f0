-- The collected data.

CREATE TABLE work_orders (
    id                  text        PRIMARY KEY DEFAULT gen_random_uuid()::text,
    user_id             varchar     NOT NULL,
    external_id         varchar,    -- the portal's work-order number
    site_name           varchar     NOT NULL,
    address             text,
    scheduled_date      timestamp,
    status              varchar     NOT NULL DEFAULT 'pending', -- changed by people, never by a run
    work_type           varchar,
    notes               text,
    scraped_data        jsonb,      -- service_info, address_components, customer_url; never page HTML
    store_number        varchar,
    service_code        varchar,
    service_description text,
    visit_id            varchar,
    visit_url           text,
    visit_number        varchar,
    instructions        text,
    service_name        varchar,
    service_items       jsonb,      -- ["8 x All Dispensers"], as existing clients read it
    items               jsonb       NOT NULL DEFAULT '[]', -- the same with quantity, name, code and category apart
    street              varchar,
    city_state          varchar,
    county              varchar,
    created_date        timestamp,
    created_by          varchar,
    customer_url        text,
    customer_name       text,
    customer_id         text,
    location_id         text,
    intersection        text,
    project             text,
    portal_status       text,
    due_date            timestamp,
    visits_done         integer     NOT NULL DEFAULT 0,
    visits_planned      integer     NOT NULL DEFAULT 0,
    service_type        text,
    service_quantity    integer     NOT NULL DEFAULT 0,
    last_synced_at      timestamptz,
    sync_status         varchar,
    sync_error_message  text,
    sync_session_id     text,
    sync_retry_count    integer     NOT NULL DEFAULT 0,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    removed_at          timestamptz, -- when it was first missing from a proved list
    CONSTRAINT work_orders_user_id_external_id_key UNIQUE (user_id, external_id),
    CONSTRAINT work_orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX work_orders_user_id_scheduled_date_idx
    ON work_orders (user_id, scheduled_date DESC NULLS LAST, created_at DESC, id);

CREATE TABLE dispensers (
    id                   text             PRIMARY KEY DEFAULT gen_random_uuid()::text,
    work_order_id        text             NOT NULL,
    dispenser_number     varchar          NOT NULL,
    dispenser_type       varchar,
    fuel_grades          jsonb,
    status               varchar          NOT NULL DEFAULT 'pending',
    progress_percentage  double precision NOT NULL DEFAULT 0.0,
    form_data            jsonb,
    automation_completed boolean          NOT NULL DEFAULT false,
    testing_requirements jsonb,
    make                 varchar,
    model                varchar,
    serial_number        varchar,
    meter_type           varchar,
    number_of_nozzles    varchar,
    created_at           timestamptz      NOT NULL DEFAULT now(),
    updated_at           timestamptz      NOT NULL DEFAULT now(),
    CONSTRAINT dispensers_work_order_id_fkey
        FOREIGN KEY (work_order_id) REFERENCES work_orders (id) ON DELETE CASCADE
);

CREATE INDEX dispensers_work_order_id_idx ON dispensers (work_order_id);
