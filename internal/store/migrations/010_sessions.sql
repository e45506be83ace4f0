-- Sessions of the application, and what users have set for themselves.

CREATE TABLE user_sessions (
    id           text        PRIMARY KEY, -- random
    user_id      varchar(32) NOT NULL,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    user_agent   text        NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz, -- ended before its time
    CONSTRAINT user_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_sessions_user_agent_check CHECK (length(user_agent) <= 200)
);

CREATE INDEX user_sessions_user_id_last_seen_at_idx ON user_sessions (user_id, last_seen_at DESC, id) WHERE revoked_at IS NULL;

CREATE TABLE user_preferences (
    user_id          varchar(32) PRIMARY KEY,
    timezone         text,        -- IANA name
    seen_at          timestamptz, -- when the user last looked at the start page
    previous_seen_at timestamptz,
    CONSTRAINT user_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
