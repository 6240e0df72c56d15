-- Conventions: times are microseconds since 1970 in UTC; ids that the service mints are the 16 bytes of a UUID;
-- every primary key and every unique index begins with company_id, and foreign keys carry it along, so that no row
-- can point into another company. What is over is marked with a time: partial indexes ask only IS NULL.

-- The company and its configuration --------------------------------------------------------------------------------

CREATE TABLE companies (
    company_id       TEXT    NOT NULL PRIMARY KEY,
    revision         INTEGER NOT NULL,
    name             TEXT    NOT NULL,
    country          TEXT    NOT NULL,
    default_language TEXT    NOT NULL,
    languages        TEXT    NOT NULL, -- JSON: ["en", "zh-HK"]
    app_secret       TEXT    NOT NULL, -- references to secrets (env:NAME, file:PATH), never the secrets
    verify_token     TEXT    NOT NULL,
    access_token     TEXT    NOT NULL,
    features         TEXT    NOT NULL, -- JSON, as are the next two and texts
    limits           TEXT    NOT NULL,
    templates        TEXT    NOT NULL,
    qr_text          TEXT    NOT NULL,
    texts            TEXT    NOT NULL,
    opt_out          TEXT    NOT NULL, -- JSON: {"de": {"stop": ["STOPP"], "start": ["WEITER"]}}
    sign_in          TEXT    NOT NULL, -- JSON: {"provider": null, "local_accounts": false, "teams": null}
    button_key       BLOB    NOT NULL, -- signs the buttons of invitations
    changed_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE org_units (
    company_id  TEXT NOT NULL REFERENCES companies,
    org_unit_id TEXT NOT NULL,
    name        TEXT NOT NULL,
    parent_id   TEXT,
    removed_at  INTEGER,
    PRIMARY KEY (company_id, org_unit_id),
    FOREIGN KEY (company_id, parent_id) REFERENCES org_units (company_id, org_unit_id)
) STRICT;

CREATE TABLE external_companies (
    company_id          TEXT NOT NULL REFERENCES companies,
    external_company_id TEXT NOT NULL,
    name                TEXT NOT NULL,
    removed_at          INTEGER,
    PRIMARY KEY (company_id, external_company_id)
) STRICT;

CREATE TABLE users (
    company_id         TEXT NOT NULL REFERENCES companies,
    user_id            BLOB NOT NULL,
    username           TEXT NOT NULL,
    name               TEXT NOT NULL,
    email              TEXT,
    title              TEXT,
    org_unit_id        TEXT NOT NULL,
    extension          TEXT, -- the key, without #; kept when the user leaves, for the record
    extension_skeleton TEXT, -- what it looks like (UTS #39)
    roles              TEXT NOT NULL, -- JSON: ["user", "admin"]
    deactivated_at     INTEGER,
    successor_id       BLOB, -- who goes on with the clients of a user who left
    PRIMARY KEY (company_id, user_id),
    FOREIGN KEY (company_id, org_unit_id) REFERENCES org_units (company_id, org_unit_id),
    FOREIGN KEY (company_id, successor_id) REFERENCES users (company_id, user_id)
) STRICT;
CREATE UNIQUE INDEX users_by_username ON users (company_id, username);
CREATE UNIQUE INDEX users_by_live_extension ON users (company_id, extension)
    WHERE deactivated_at IS NULL AND extension IS NOT NULL;
CREATE UNIQUE INDEX users_by_live_skeleton ON users (company_id, extension_skeleton)
    WHERE deactivated_at IS NULL AND extension_skeleton IS NOT NULL;
CREATE INDEX users_by_extension ON users (company_id, extension);

-- Under which names identity providers know active users.
CREATE TABLE user_identities (
    company_id TEXT NOT NULL,
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    user_id    BLOB NOT NULL,
    PRIMARY KEY (company_id, issuer, subject),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id)
) STRICT;
CREATE INDEX identities_by_user ON user_identities (company_id, user_id);

CREATE TABLE user_external_companies (
    company_id          TEXT    NOT NULL,
    user_id             BLOB    NOT NULL,
    external_company_id TEXT    NOT NULL,
    place               INTEGER NOT NULL,
    PRIMARY KEY (company_id, user_id, external_company_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id),
    FOREIGN KEY (company_id, external_company_id) REFERENCES external_companies (company_id, external_company_id)
) STRICT;

-- A number is in use by one company of the installation; apply sees to that, because unique indexes here begin with
-- company_id.
CREATE TABLE official_accounts (
    company_id      TEXT NOT NULL REFERENCES companies,
    account_id      BLOB NOT NULL,
    phone_number    TEXT NOT NULL,
    phone_number_id TEXT NOT NULL,
    waba_id         TEXT NOT NULL,
    retired_at      INTEGER, -- given up by an admin: its rooms move
    removed_at      INTEGER,
    PRIMARY KEY (company_id, account_id)
) STRICT;
CREATE UNIQUE INDEX accounts_by_number ON official_accounts (company_id, phone_number);
CREATE UNIQUE INDEX accounts_by_live_number_id ON official_accounts (company_id, phone_number_id)
    WHERE removed_at IS NULL;
CREATE INDEX accounts_of_all_by_number ON official_accounts (phone_number) WHERE removed_at IS NULL;
CREATE INDEX accounts_of_all_by_number_id ON official_accounts (phone_number_id) WHERE removed_at IS NULL;
CREATE INDEX accounts_of_all_by_waba ON official_accounts (waba_id) WHERE removed_at IS NULL;

CREATE TABLE pools (
    company_id              TEXT    NOT NULL REFERENCES companies,
    pool_id                 TEXT    NOT NULL,
    default_country         TEXT,
    fallback_upward         INTEGER NOT NULL,
    geography_mapping       TEXT    NOT NULL, -- JSON: {"MO": "HK"}
    PRIMARY KEY (company_id, pool_id)
) STRICT;

-- An account is in one pool at the most: hence the primary key.
CREATE TABLE pool_members (
    company_id TEXT    NOT NULL,
    account_id BLOB    NOT NULL,
    pool_id    TEXT    NOT NULL,
    role       TEXT    NOT NULL CHECK (role IN ('primary', 'secondary')),
    draining   INTEGER NOT NULL DEFAULT 0,
    place      INTEGER NOT NULL,
    PRIMARY KEY (company_id, account_id),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id),
    FOREIGN KEY (company_id, pool_id) REFERENCES pools (company_id, pool_id)
) STRICT;
CREATE UNIQUE INDEX one_primary_a_pool ON pool_members (company_id, pool_id) WHERE role = 'primary';

CREATE TABLE pool_org_units (
    company_id  TEXT    NOT NULL,
    pool_id     TEXT    NOT NULL,
    org_unit_id TEXT    NOT NULL,
    place       INTEGER NOT NULL,
    PRIMARY KEY (company_id, pool_id, org_unit_id),
    FOREIGN KEY (company_id, pool_id) REFERENCES pools (company_id, pool_id),
    FOREIGN KEY (company_id, org_unit_id) REFERENCES org_units (company_id, org_unit_id)
) STRICT;

-- What WhatsApp told of its side, the latest of each; what follows from it is never stored.
CREATE TABLE platform_facts (
    company_id  TEXT NOT NULL REFERENCES companies,
    subject     TEXT NOT NULL, -- its kind
    subject_key TEXT NOT NULL, -- which one
    name        TEXT NOT NULL,
    value       TEXT NOT NULL,
    health      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    remedy      TEXT,
    observed_at INTEGER NOT NULL,
    expires_at  INTEGER,
    PRIMARY KEY (company_id, subject, subject_key, name)
) STRICT;

-- Clients ----------------------------------------------------------------------------------------------------------

CREATE TABLE client_identities (
    company_id   TEXT NOT NULL REFERENCES companies,
    identity_id  BLOB NOT NULL,
    wa_id        TEXT,
    bsuid        TEXT,
    parent_bsuid TEXT,
    username     TEXT,
    profile_name TEXT,
    created_at   INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    opted_out_at INTEGER, -- since when the client wants no more messages
    revision     INTEGER NOT NULL DEFAULT 0, -- counts up with every change of the aliases
    phone_since  INTEGER, -- the phone was not this client's before
    merged_into  BLOB, -- whose record this one went up in; nothing hangs on it any more
    PRIMARY KEY (company_id, identity_id),
    FOREIGN KEY (company_id, merged_into) REFERENCES client_identities (company_id, identity_id)
) STRICT;
CREATE INDEX merged_identities ON client_identities (company_id, merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE client_aliases (
    company_id  TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('phone', 'bsuid', 'parent_bsuid')),
    value       TEXT NOT NULL,
    identity_id BLOB NOT NULL,
    PRIMARY KEY (company_id, kind, value),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id)
) STRICT;
CREATE INDEX aliases_by_client ON client_aliases (company_id, identity_id);

-- Aliases that a client had once. Another client may have them now.
CREATE TABLE released_aliases (
    company_id  TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('phone', 'bsuid', 'parent_bsuid')),
    value       TEXT NOT NULL,
    identity_id BLOB NOT NULL,
    released_at INTEGER NOT NULL,
    PRIMARY KEY (company_id, kind, value, identity_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id)
) STRICT;
CREATE INDEX released_aliases_by_client ON released_aliases (company_id, identity_id);

-- What happened to the company's clients: the history of their aliases.
CREATE TABLE identity_events (
    company_id  TEXT NOT NULL,
    event_id    BLOB NOT NULL,
    place       INTEGER NOT NULL, -- in order of storing
    at          INTEGER NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('rekeyed', 'displaced', 'merged')),
    identity_id BLOB NOT NULL,
    absorbed_id BLOB,
    finding     TEXT NOT NULL,
    PRIMARY KEY (company_id, event_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, absorbed_id) REFERENCES client_identities (company_id, identity_id)
) STRICT;
CREATE UNIQUE INDEX identity_events_in_order ON identity_events (company_id, place);

-- Questions for a person: are these two one client?
CREATE TABLE identity_disputes (
    company_id  TEXT NOT NULL,
    dispute_id  BLOB NOT NULL,
    identity_id BLOB NOT NULL,
    other_id    BLOB NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('phone', 'bsuid', 'parent_bsuid')),
    value       TEXT NOT NULL, -- the alias in question
    reason      TEXT NOT NULL,
    noticed_at  INTEGER NOT NULL,
    settled_at  INTEGER, -- open as long as there is none
    verdict     TEXT CHECK (verdict IN ('same', 'different', 'merged')), -- merged: it settled itself
    PRIMARY KEY (company_id, dispute_id),
    CHECK ((settled_at IS NULL) = (verdict IS NULL)),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, other_id) REFERENCES client_identities (company_id, identity_id)
) STRICT;
CREATE UNIQUE INDEX open_disputes ON identity_disputes (company_id, identity_id, other_id) WHERE settled_at IS NULL;

CREATE TABLE client_profiles (
    company_id          TEXT NOT NULL REFERENCES companies,
    profile_id          BLOB NOT NULL,
    profile_key         TEXT, -- the company's own key; none when the flow made the profile
    name                TEXT NOT NULL,
    named_by_company    INTEGER NOT NULL, -- else the name is what the client goes by on WhatsApp
    phone_number        TEXT,
    phone_match_key     TEXT,
    phone_recorded_at   INTEGER NOT NULL,
    identity_id         BLOB,
    org_unit_id         TEXT NOT NULL,
    external_company_id TEXT,
    merged_into         BLOB, -- the profile that stands for it; its own rooms stay its own
    PRIMARY KEY (company_id, profile_id),
    FOREIGN KEY (company_id, merged_into) REFERENCES client_profiles (company_id, profile_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, org_unit_id) REFERENCES org_units (company_id, org_unit_id),
    FOREIGN KEY (company_id, external_company_id) REFERENCES external_companies (company_id, external_company_id)
) STRICT;
CREATE INDEX merged_profiles ON client_profiles (company_id, merged_into) WHERE merged_into IS NOT NULL;
CREATE UNIQUE INDEX profiles_by_key ON client_profiles (company_id, profile_key) WHERE profile_key IS NOT NULL;
CREATE INDEX profiles_by_phone ON client_profiles (company_id, phone_match_key);
CREATE INDEX profiles_by_identity ON client_profiles (company_id, identity_id);

CREATE TABLE profile_assignments (
    company_id    TEXT    NOT NULL,
    profile_id    BLOB    NOT NULL,
    user_id       BLOB    NOT NULL,
    by_config     INTEGER NOT NULL, -- whether the configuration says so; else the flow did it
    place         INTEGER NOT NULL,
    PRIMARY KEY (company_id, profile_id, user_id),
    FOREIGN KEY (company_id, profile_id) REFERENCES client_profiles (company_id, profile_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id)
) STRICT;

CREATE TABLE prospects (
    company_id  TEXT    NOT NULL,
    prospect_id BLOB    NOT NULL,
    user_id     BLOB    NOT NULL,
    identity_id BLOB    NOT NULL,
    primary_id  BLOB    NOT NULL,
    text        TEXT    NOT NULL, -- what the client wrote when it began to wait
    waits_for   TEXT    NOT NULL CHECK (waits_for IN ('promotion', 'number')),
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'promoted', 'rejected', 'expired', 'joined')),
    created_at  INTEGER NOT NULL,
    ended_at    INTEGER, -- waits as long as there is none
    ended_by    TEXT,
    room_id     BLOB,    -- the room that it came to; no foreign key, because the room is made in the same act
    PRIMARY KEY (company_id, prospect_id),
    CHECK ((ended_at IS NULL) = (state = 'waiting')),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, primary_id) REFERENCES official_accounts (company_id, account_id)
) STRICT;
CREATE UNIQUE INDEX waiting_prospects ON prospects (company_id, user_id, identity_id) WHERE ended_at IS NULL;
CREATE INDEX waiting_prospects_of_client ON prospects (company_id, identity_id, created_at) WHERE ended_at IS NULL;
CREATE INDEX waiting_prospects_in_turn ON prospects (company_id, waits_for, prospect_id) WHERE ended_at IS NULL;

-- Rooms ------------------------------------------------------------------------------------------------------------

CREATE TABLE rooms (
    company_id       TEXT    NOT NULL,
    room_id          BLOB    NOT NULL,
    user_id          BLOB    NOT NULL,
    profile_id       BLOB    NOT NULL,
    identity_id      BLOB    NOT NULL,
    account_id       BLOB    NOT NULL,
    primary_id       BLOB    NOT NULL,
    state            TEXT    NOT NULL CHECK (state IN ('invited', 'active', 'closed', 'failed')),
    created_at       INTEGER NOT NULL,
    closed_at        INTEGER,
    last_reminded_at INTEGER,
    link_until       INTEGER, -- the client got a link and has until then to use it
    failure_reason   TEXT,
    closed_by        TEXT, -- who closed it, why, and what they said; none where the invitation failed
    close_reason     TEXT,
    close_note       TEXT,
    merged_from      BLOB, -- the client for whom it was opened, where that record went up in another
    PRIMARY KEY (company_id, room_id),
    CHECK ((closed_at IS NULL) = (state IN ('invited', 'active'))),
    CHECK ((closed_by IS NULL) = (close_reason IS NULL)),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id),
    FOREIGN KEY (company_id, profile_id) REFERENCES client_profiles (company_id, profile_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id),
    FOREIGN KEY (company_id, primary_id) REFERENCES official_accounts (company_id, account_id)
) STRICT;
CREATE UNIQUE INDEX live_room_of_user_and_client ON rooms (company_id, user_id, identity_id) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX live_room_of_user_and_profile ON rooms (company_id, user_id, profile_id) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX live_room_of_client_on_number ON rooms (company_id, identity_id, account_id)
    WHERE closed_at IS NULL;
CREATE INDEX live_rooms_by_account ON rooms (company_id, account_id, closed_at);
CREATE INDEX rooms_by_account ON rooms (company_id, account_id, created_at);
CREATE INDEX rooms_by_client ON rooms (company_id, identity_id, account_id, created_at);
CREATE INDEX rooms_by_profile ON rooms (company_id, profile_id);
CREATE INDEX rooms_by_time ON rooms (company_id, created_at, room_id);
CREATE INDEX live_rooms_by_user ON rooms (company_id, user_id) WHERE closed_at IS NULL;
CREATE INDEX unused_links ON rooms (company_id, link_until) WHERE closed_at IS NULL AND link_until IS NOT NULL;
CREATE INDEX rooms_by_user ON rooms (company_id, user_id, created_at, room_id);

-- How many live rooms an account has, and when it was given to one last: what an allocation asks of each number, which
-- would cost more with every room if it were counted. Triggers keep it, so that nothing can write past them.
CREATE TABLE account_usage (
    company_id        TEXT    NOT NULL,
    account_id        BLOB    NOT NULL,
    live_rooms        INTEGER NOT NULL,
    last_allocated_at INTEGER NOT NULL,
    PRIMARY KEY (company_id, account_id),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id)
) STRICT;
CREATE TRIGGER count_opened_room AFTER INSERT ON rooms BEGIN
    INSERT INTO account_usage VALUES (NEW.company_id, NEW.account_id, NEW.closed_at IS NULL, NEW.created_at)
    ON CONFLICT (company_id, account_id) DO UPDATE
    SET live_rooms = live_rooms + excluded.live_rooms,
        last_allocated_at = max(last_allocated_at, excluded.last_allocated_at);
END;
CREATE TRIGGER count_closed_room AFTER UPDATE OF closed_at ON rooms
WHEN (OLD.closed_at IS NULL) <> (NEW.closed_at IS NULL) BEGIN
    UPDATE account_usage
    SET live_rooms = live_rooms + (NEW.closed_at IS NULL) - (OLD.closed_at IS NULL)
    WHERE company_id = NEW.company_id AND account_id = NEW.account_id;
END;

-- When a client last wrote to an account: the start of the 24-hour window.
CREATE TABLE client_windows (
    company_id    TEXT    NOT NULL,
    account_id    BLOB    NOT NULL,
    identity_id   BLOB    NOT NULL,
    last_wrote_at INTEGER NOT NULL,
    PRIMARY KEY (company_id, account_id, identity_id),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id)
) STRICT;

-- The record -------------------------------------------------------------------------------------------------------

CREATE TABLE onboardings (
    company_id      TEXT    NOT NULL,
    onboarding_id   BLOB    NOT NULL,
    inbox_id        BLOB    NOT NULL, -- the element that it decides on
    place           INTEGER NOT NULL, -- in order of the commits
    decided_at      INTEGER NOT NULL,
    sent_at         INTEGER NOT NULL,
    account_id      BLOB    NOT NULL,
    identity_id     BLOB,
    text            TEXT    NOT NULL,
    outcome         TEXT    NOT NULL,
    user_id         BLOB,
    room_id         BLOB,
    suppressed      INTEGER NOT NULL,
    wrong_extension INTEGER NOT NULL,
    trace           TEXT    NOT NULL, -- JSON
    PRIMARY KEY (company_id, onboarding_id),
    FOREIGN KEY (company_id, inbox_id) REFERENCES inbox (company_id, inbox_id),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id),
    FOREIGN KEY (company_id, room_id) REFERENCES rooms (company_id, room_id)
) STRICT;
CREATE UNIQUE INDEX one_decision_an_element ON onboardings (company_id, inbox_id);
CREATE UNIQUE INDEX onboardings_in_order ON onboardings (company_id, place);
CREATE INDEX wrong_extensions ON onboardings (company_id, identity_id, decided_at) WHERE wrong_extension;

-- What the client wrote in a room.
CREATE TABLE room_lines (
    company_id          TEXT    NOT NULL,
    onboarding_id       BLOB    NOT NULL,
    room_id             BLOB    NOT NULL,
    sent_at             INTEGER NOT NULL,
    text                TEXT    NOT NULL,
    provider_message_id TEXT    NOT NULL,
    PRIMARY KEY (company_id, onboarding_id),
    FOREIGN KEY (company_id, onboarding_id) REFERENCES onboardings (company_id, onboarding_id),
    FOREIGN KEY (company_id, room_id) REFERENCES rooms (company_id, room_id)
) STRICT;
CREATE INDEX room_lines_by_room ON room_lines (company_id, room_id, sent_at);

-- Decisions that answer no message.
CREATE TABLE acts (
    company_id     TEXT    NOT NULL,
    act_id         BLOB    NOT NULL,
    place          INTEGER NOT NULL, -- in order of the commits
    decided_at     INTEGER NOT NULL,
    kind           TEXT    NOT NULL,
    done_by        TEXT    NOT NULL,
    user_id        BLOB    NOT NULL,
    identity_id    BLOB    NOT NULL,
    closed_room_id BLOB,
    new_room_id    BLOB,
    trace          TEXT    NOT NULL, -- JSON
    PRIMARY KEY (company_id, act_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, closed_room_id) REFERENCES rooms (company_id, room_id),
    FOREIGN KEY (company_id, new_room_id) REFERENCES rooms (company_id, room_id)
) STRICT;
CREATE UNIQUE INDEX acts_in_order ON acts (company_id, place);
CREATE INDEX acts_by_new_room ON acts (company_id, new_room_id) WHERE new_room_id IS NOT NULL;

-- What the people of the company are told.
CREATE TABLE notices (
    company_id  TEXT    NOT NULL REFERENCES companies,
    notice_id   BLOB    NOT NULL,
    place       INTEGER NOT NULL, -- in order of writing
    audience_id BLOB    NOT NULL, -- the user; sixteen zero bytes for the admins
    kind        TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    seen_at     INTEGER,
    PRIMARY KEY (company_id, notice_id)
) STRICT;
CREATE UNIQUE INDEX one_unseen_notice ON notices (company_id, audience_id, kind, subject) WHERE seen_at IS NULL;
CREATE INDEX notices_in_order ON notices (company_id, audience_id, place);

-- What came in -----------------------------------------------------------------------------------------------------

-- Deliveries and quarantine belong to the installation: company_id is the company whose rows the delivery held, or
-- '-' when it held those of several or of none; hence no foreign key.
CREATE TABLE deliveries (
    company_id  TEXT    NOT NULL,
    delivery_id BLOB    NOT NULL,
    received_at INTEGER NOT NULL,
    raw         BLOB    NOT NULL,
    PRIMARY KEY (company_id, delivery_id)
) STRICT;

CREATE TABLE quarantine (
    company_id  TEXT    NOT NULL,
    delivery_id BLOB    NOT NULL,
    place       INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    payload     BLOB    NOT NULL,
    reason      TEXT    NOT NULL,
    PRIMARY KEY (company_id, delivery_id, place)
) STRICT;
CREATE INDEX quarantine_by_arrival ON quarantine (received_at, delivery_id);

CREATE TABLE inbox (
    company_id   TEXT    NOT NULL REFERENCES companies,
    inbox_id     BLOB    NOT NULL,
    delivery_id  BLOB    NOT NULL,
    account_id   BLOB    NOT NULL, -- sixteen zero bytes where the element concerns no single account
    dedupe_key   TEXT    NOT NULL,
    lane         TEXT    NOT NULL,
    place        INTEGER NOT NULL, -- in order of storing; tells equal arrivals apart
    arrival      INTEGER NOT NULL,
    payload      BLOB    NOT NULL,
    due_at       INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    lease_token  BLOB,
    leased_until INTEGER,
    finished_at  INTEGER,
    buried       INTEGER NOT NULL DEFAULT 0,
    note         TEXT, -- how it ended, unless a decision tells
    PRIMARY KEY (company_id, inbox_id)
) STRICT;
CREATE UNIQUE INDEX inbox_dedupe ON inbox (company_id, account_id, dedupe_key);
CREATE INDEX inbox_places ON inbox (place);
CREATE INDEX open_inbox ON inbox (company_id, arrival, place) WHERE finished_at IS NULL;
CREATE INDEX open_inbox_lanes ON inbox (company_id, lane, arrival, place) WHERE finished_at IS NULL;
CREATE INDEX buried_inbox ON inbox (arrival) WHERE buried;

-- Whether statuses can reach us (IngestHealth in onboarding-core): one row of the installation, whose company_id is '-'.
CREATE TABLE ingest_health (
    company_id   TEXT    NOT NULL,
    seen_at      INTEGER NOT NULL,
    disturbed_at INTEGER NOT NULL,
    caught_up_at INTEGER NOT NULL,
    PRIMARY KEY (company_id)
) STRICT;

-- What goes out ----------------------------------------------------------------------------------------------------

CREATE TABLE outbox (
    company_id          TEXT    NOT NULL,
    outbox_id           BLOB    NOT NULL,
    place               INTEGER NOT NULL, -- in order of queueing
    account_id          BLOB    NOT NULL,
    identity_id         BLOB    NOT NULL,
    recipient_kind      TEXT    NOT NULL CHECK (recipient_kind IN ('phone', 'bsuid')),
    recipient           TEXT    NOT NULL,
    text                TEXT,   -- of a free text
    template            TEXT,   -- JSON, of a template
    purpose             TEXT    NOT NULL,
    room_id             BLOB,
    after_id            BLOB,
    automatic           INTEGER NOT NULL,
    queued_at           INTEGER NOT NULL,
    state               TEXT    NOT NULL CHECK (state IN ('pending', 'sending', 'unknown', 'accepted', 'failed', 'withdrawn')),
    due_at              INTEGER NOT NULL,
    lease_token         BLOB,
    leased_until        INTEGER,
    attempts            INTEGER NOT NULL DEFAULT 0,
    unknown_attempts    INTEGER NOT NULL DEFAULT 0,
    provider_message_id TEXT,
    progress            TEXT,
    error_code          INTEGER,
    error_reason        TEXT,
    settled_at          INTEGER, -- when it was settled first
    replayed_at         INTEGER, -- attempts and statuses until then are of a life before
    PRIMARY KEY (company_id, outbox_id),
    CHECK ((text IS NULL) <> (template IS NULL)),
    CHECK ((settled_at IS NULL) = (state IN ('pending', 'sending', 'unknown'))),
    CHECK ((lease_token IS NOT NULL) = (state = 'sending')),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, room_id) REFERENCES rooms (company_id, room_id),
    FOREIGN KEY (company_id, after_id) REFERENCES outbox (company_id, outbox_id)
) STRICT;
CREATE INDEX outbox_places ON outbox (place);
CREATE INDEX open_outbox ON outbox (company_id, place) WHERE settled_at IS NULL;
CREATE INDEX open_outbox_lanes ON outbox (company_id, account_id, identity_id, place) WHERE settled_at IS NULL;
CREATE INDEX leased_outbox ON outbox (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX outbox_by_provider_id ON outbox (company_id, provider_message_id) WHERE provider_message_id IS NOT NULL;
CREATE INDEX outbox_by_room ON outbox (company_id, room_id, queued_at) WHERE room_id IS NOT NULL;
CREATE INDEX automatic_outbox ON outbox (company_id, identity_id, queued_at) WHERE automatic;
CREATE INDEX template_outbox ON outbox (company_id, account_id, queued_at) WHERE template IS NOT NULL;
CREATE INDEX accepted_outbox ON outbox (company_id, settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX failed_outbox ON outbox (place) WHERE state = 'failed';

CREATE TABLE outbox_attempts (
    company_id          TEXT    NOT NULL,
    outbox_id           BLOB    NOT NULL,
    lease_token         BLOB    NOT NULL,
    started_at          INTEGER NOT NULL, -- not before that was settled which the message waited for, whatever clocks say
    ended_at            INTEGER,
    outcome             TEXT,
    provider_message_id TEXT,
    again               TEXT, -- why it was sent although it may have gone out before
    PRIMARY KEY (company_id, outbox_id, lease_token),
    FOREIGN KEY (company_id, outbox_id) REFERENCES outbox (company_id, outbox_id)
) STRICT;
CREATE INDEX attempts_by_provider_id ON outbox_attempts (company_id, provider_message_id)
    WHERE provider_message_id IS NOT NULL;

-- How far a sender has used its rate up (Rate in onboarding-core): of a number, with sixteen zero bytes for the
-- client, and of a number and a client.
CREATE TABLE send_rates (
    company_id  TEXT    NOT NULL,
    account_id  BLOB    NOT NULL,
    identity_id BLOB    NOT NULL,
    paid_until  INTEGER NOT NULL,
    PRIMARY KEY (company_id, account_id, identity_id),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id)
) STRICT;

-- How an account fares with WhatsApp as long as there is doubt (Breaker in onboarding-core).
CREATE TABLE breakers (
    company_id   TEXT    NOT NULL,
    account_id   BLOB    NOT NULL,
    troubles     INTEGER NOT NULL,
    held_until   INTEGER NOT NULL,
    spared_until INTEGER NOT NULL, -- the same for a message that is in doubt
    probing      INTEGER NOT NULL,
    PRIMARY KEY (company_id, account_id),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id)
) STRICT;

-- Every status report about a message, also those that changed nothing.
CREATE TABLE outbox_statuses (
    company_id          TEXT    NOT NULL,
    outbox_id           BLOB    NOT NULL,
    inbox_id            BLOB    NOT NULL,
    provider_message_id TEXT    NOT NULL,
    progress            TEXT, -- none for a status that we do not know
    at                  INTEGER NOT NULL,
    error_code          INTEGER,
    error_reason        TEXT,
    PRIMARY KEY (company_id, outbox_id, inbox_id),
    FOREIGN KEY (company_id, outbox_id) REFERENCES outbox (company_id, outbox_id),
    FOREIGN KEY (company_id, inbox_id) REFERENCES inbox (company_id, inbox_id)
) STRICT;

-- The audit --------------------------------------------------------------------------------------------------------

-- The end of each company's chain.
CREATE TABLE audit_heads (
    company_id TEXT    NOT NULL PRIMARY KEY REFERENCES companies,
    sequence   INTEGER NOT NULL,
    hash       BLOB    NOT NULL
) STRICT;

-- docs/audit.md says what the columns hold and how the hash is made. No foreign key: nothing that happens elsewhere may
-- change an entry.
CREATE TABLE audit_events (
    company_id   TEXT    NOT NULL,
    sequence     INTEGER NOT NULL,
    hash         BLOB    NOT NULL,
    at           INTEGER NOT NULL,
    actor_kind   TEXT    NOT NULL,
    actor_id     TEXT,
    address      TEXT,
    action       TEXT    NOT NULL,
    subject_kind TEXT    NOT NULL,
    subject_id   TEXT    NOT NULL,
    before_value TEXT, -- JSON as text, because its bytes are hashed
    after_value  TEXT,
    PRIMARY KEY (company_id, sequence)
) STRICT;
CREATE INDEX audit_by_subject ON audit_events (company_id, subject_kind, subject_id, sequence);

-- SQLite has no rights; the triggers hold off whoever does not take them away first.
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE company_id = NEW.company_id AND sequence = NEW.sequence)
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

-- Who may call -----------------------------------------------------------------------------------------------------

-- Of a secret only its SHA-256 is here. A token shows its id and no company: hence the index over all.
CREATE TABLE api_tokens (
    company_id   TEXT    NOT NULL REFERENCES companies,
    token_id     BLOB    NOT NULL,
    name         TEXT    NOT NULL,
    secret_hash  BLOB    NOT NULL,
    scopes       TEXT    NOT NULL, -- JSON: ["config:read"]
    created_at   INTEGER NOT NULL,
    created_by   TEXT    NOT NULL,
    expires_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at   INTEGER,
    PRIMARY KEY (company_id, token_id)
) STRICT;
CREATE INDEX api_tokens_of_all ON api_tokens (token_id);

CREATE TABLE sessions (
    company_id    TEXT    NOT NULL,
    session_hash  BLOB    NOT NULL,
    user_id       BLOB    NOT NULL,
    roles         TEXT    NOT NULL, -- at sign-in, JSON
    means         TEXT    NOT NULL,
    second_factor INTEGER NOT NULL,
    signed_in_at  INTEGER NOT NULL,
    used_at       INTEGER NOT NULL,
    PRIMARY KEY (company_id, session_hash),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id)
) STRICT;
CREATE INDEX sessions_of_all ON sessions (session_hash);
CREATE INDEX sessions_by_user ON sessions (company_id, user_id);
CREATE INDEX sessions_by_age ON sessions (company_id, signed_in_at);

-- How people sign in who have no identity provider. The password is argon2's text, the second factor's secret is shared
-- with the person's authenticator and cannot be a hash.
CREATE TABLE local_accounts (
    company_id TEXT    NOT NULL,
    user_id    BLOB    NOT NULL,
    password   TEXT    NOT NULL,
    totp       BLOB,
    failures   INTEGER NOT NULL, -- wrong tries since the last right one
    failed_at  INTEGER,
    code_step  INTEGER NOT NULL, -- of the last code that was taken
    PRIMARY KEY (company_id, user_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id)
) STRICT;

-- Links that set an account up, one a user, until they are used.
CREATE TABLE set_up_links (
    company_id TEXT    NOT NULL,
    user_id    BLOB    NOT NULL,
    link_hash  BLOB    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (company_id, user_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id)
) STRICT;
CREATE INDEX set_up_links_of_all ON set_up_links (link_hash);

-- What was answered to requests with a key; no answer: under way.
CREATE TABLE idempotency_keys (
    company_id     TEXT    NOT NULL REFERENCES companies,
    caller         TEXT    NOT NULL,
    key_hash       BLOB    NOT NULL,
    reservation_id BLOB    NOT NULL,
    fingerprint    BLOB    NOT NULL,
    busy_until     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    sealed_answer  BLOB,
    PRIMARY KEY (company_id, caller, key_hash)
) STRICT;
CREATE INDEX idempotency_keys_by_end ON idempotency_keys (company_id, expires_at);

-- Imports of users: one runs at a time.
CREATE TABLE imports (
    company_id     TEXT    NOT NULL REFERENCES companies,
    import_id      BLOB    NOT NULL,
    state          TEXT    NOT NULL,
    actor_kind     TEXT    NOT NULL,
    actor_id       TEXT,
    address        TEXT,
    may_give_roles INTEGER NOT NULL,
    begun_at       INTEGER NOT NULL,
    ended_at       INTEGER,
    total          INTEGER NOT NULL,
    created        INTEGER NOT NULL,
    changed        INTEGER NOT NULL,
    unchanged      INTEGER NOT NULL,
    refused        INTEGER NOT NULL,
    lease_token    BLOB,
    leased_until   INTEGER,
    PRIMARY KEY (company_id, import_id)
) STRICT;
CREATE UNIQUE INDEX one_running_import ON imports (company_id) WHERE ended_at IS NULL;

-- The rows that wait, with their cells, and the refused ones, with what is wrong. Rows that are done with are gone.
CREATE TABLE import_rows (
    company_id TEXT    NOT NULL,
    import_id  BLOB    NOT NULL,
    line       INTEGER NOT NULL,
    username   TEXT    NOT NULL,
    batch      INTEGER,
    cells      TEXT, -- JSON
    mistakes   TEXT, -- JSON
    PRIMARY KEY (company_id, import_id, line),
    FOREIGN KEY (company_id, import_id) REFERENCES imports ON DELETE CASCADE
) STRICT;
CREATE INDEX import_rows_that_wait ON import_rows (company_id, import_id, batch) WHERE batch IS NOT NULL;
