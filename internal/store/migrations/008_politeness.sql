-- How the portal is spared, and whose login a check is for.

ALTER TABLE user_credentials
    ADD COLUMN last_login_at timestamptz, -- when this login was last sent to the portal
    ADD COLUMN paused_until  timestamptz; -- until then the portal has asked to be left alone with it

ALTER TABLE login_checks
    ADD COLUMN owner text; -- whose login it is to become; null: the user's whose e-mail address it is
