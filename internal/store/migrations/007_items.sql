-- What job types keep that have no table of their own.

CREATE TABLE collected_items (
    user_id    varchar(32) NOT NULL,
    job_type   text        NOT NULL,
    key        text        NOT NULL,
    label      text        NOT NULL,
    data       jsonb       NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz, -- when it was first missing
    PRIMARY KEY (user_id, job_type, key),
    CONSTRAINT collected_items_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE job_results (
    user_id  varchar(32) NOT NULL,
    job_type text        NOT NULL,
    run_id   bigint      NOT NULL, -- no foreign key: the result outlives its run
    at       timestamptz NOT NULL DEFAULT now(),
    document json        NOT NULL, -- not jsonb: its members stay in their order
    PRIMARY KEY (user_id, job_type),
    CONSTRAINT job_results_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
