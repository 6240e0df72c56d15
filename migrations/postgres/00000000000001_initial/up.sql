-- Conventions: times are microseconds since 1970 in UTC, as the service has them (a timestamptz would refuse the absurd
-- ones that WhatsApp may send); ids that the service mints are UUIDs; keys compare by their bytes, whatever the language
-- of the server. Every primary key and every unique index begins with company_id, and foreign keys carry it along, so
-- that no row can point into another company. What is over is marked with a time: a partial index asks only IS NULL or
-- for a boolean, because a bound value in its place makes the server scan the table.

-- The company and its configuration --------------------------------------------------------------------------------

CREATE TABLE companies (
    company_id       text COLLATE "C" NOT NULL PRIMARY KEY,
    revision         bigint           NOT NULL,
    name             text             NOT NULL,
    country          text             NOT NULL,
    default_language text             NOT NULL,
    languages        jsonb            NOT NULL, -- ["en", "zh-HK"]
    app_secret       text             NOT NULL, -- references to secrets (env:NAME, file:PATH), never the secrets
    verify_token     text             NOT NULL,
    access_token     text             NOT NULL,
    features         jsonb            NOT NULL,
    limits           jsonb            NOT NULL,
    templates        jsonb            NOT NULL,
    qr_text          text             NOT NULL,
    texts            jsonb            NOT NULL,
    opt_out          jsonb            NOT NULL, -- {"de": {"stop": ["STOPP"], "start": ["WEITER"]}}
    sign_in          jsonb            NOT NULL, -- {"provider": null, "local_accounts": false, "teams": null}
    button_key       bytea            NOT NULL, -- signs the buttons of invitations
    changed_at       bigint           NOT NULL
);

CREATE TABLE org_units (
    company_id  text COLLATE "C" NOT NULL REFERENCES companies,
    org_unit_id text COLLATE "C" NOT NULL,
    name        text             NOT NULL,
    parent_id   text COLLATE "C",
    removed_at  bigint,
    PRIMARY KEY (company_id, org_unit_id),
    FOREIGN KEY (company_id, parent_id) REFERENCES org_units (company_id, org_unit_id)
);

CREATE TABLE external_companies (
    company_id          text COLLATE "C" NOT NULL REFERENCES companies,
    external_company_id text COLLATE "C" NOT NULL,
    name                text             NOT NULL,
    removed_at          bigint,
    PRIMARY KEY (company_id, external_company_id)
);

CREATE TABLE users (
    company_id         text COLLATE "C" NOT NULL REFERENCES companies,
    user_id            uuid             NOT NULL,
    username           text COLLATE "C" NOT NULL,
    name               text             NOT NULL,
    email              text,
    title              text,
    org_unit_id        text COLLATE "C" NOT NULL,
    extension          text COLLATE "C", -- the key, without #; kept when the user leaves, for the record
    extension_skeleton text COLLATE "C", -- what it looks like (UTS #39)
    roles              jsonb            NOT NULL, -- ["user", "admin"]
    deactivated_at     bigint,
    successor_id       uuid, -- who goes on with the clients of a user who left
    PRIMARY KEY (company_id, user_id),
    FOREIGN KEY (company_id, org_unit_id) REFERENCES org_units (company_id, org_unit_id),
    FOREIGN KEY (company_id, successor_id) REFERENCES users (company_id, user_id)
);
CREATE UNIQUE INDEX users_by_username ON users (company_id, username);
CREATE UNIQUE INDEX users_by_live_extension ON users (company_id, extension)
    WHERE deactivated_at IS NULL AND extension IS NOT NULL;
CREATE UNIQUE INDEX users_by_live_skeleton ON users (company_id, extension_skeleton)
    WHERE deactivated_at IS NULL AND extension_skeleton IS NOT NULL;
CREATE INDEX users_by_extension ON users (company_id, extension);

-- Under which names identity providers know active users.
CREATE TABLE user_identities (
    company_id text COLLATE "C" NOT NULL,
    issuer     text COLLATE "C" NOT NULL,
    subject    text COLLATE "C" NOT NULL,
    user_id    uuid             NOT NULL,
    PRIMARY KEY (company_id, issuer, subject),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id)
);
CREATE INDEX identities_by_user ON user_identities (company_id, user_id);

CREATE TABLE user_external_companies (
    company_id          text COLLATE "C" NOT NULL,
    user_id             uuid             NOT NULL,
    external_company_id text COLLATE "C" NOT NULL,
    place               bigint           NOT NULL,
    PRIMARY KEY (company_id, user_id, external_company_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id),
    FOREIGN KEY (company_id, external_company_id) REFERENCES external_companies (company_id, external_company_id)
);

-- A number is in use by one company of the installation; apply sees to that, because unique indexes here begin with
-- company_id.
CREATE TABLE official_accounts (
    company_id      text COLLATE "C" NOT NULL REFERENCES companies,
    account_id      uuid             NOT NULL,
    phone_number    text COLLATE "C" NOT NULL,
    phone_number_id text COLLATE "C" NOT NULL,
    waba_id         text COLLATE "C" NOT NULL,
    retired_at      bigint, -- given up by an admin: its rooms move
    removed_at      bigint,
    PRIMARY KEY (company_id, account_id)
);
CREATE UNIQUE INDEX accounts_by_number ON official_accounts (company_id, phone_number);
CREATE UNIQUE INDEX accounts_by_live_number_id ON official_accounts (company_id, phone_number_id)
    WHERE removed_at IS NULL;
CREATE INDEX accounts_of_all_by_number ON official_accounts (phone_number) WHERE removed_at IS NULL;
CREATE INDEX accounts_of_all_by_number_id ON official_accounts (phone_number_id) WHERE removed_at IS NULL;
CREATE INDEX accounts_of_all_by_waba ON official_accounts (waba_id) WHERE removed_at IS NULL;

CREATE TABLE pools (
    company_id              text COLLATE "C" NOT NULL REFERENCES companies,
    pool_id                 text COLLATE "C" NOT NULL,
    default_country         text,
    fallback_upward         boolean          NOT NULL,
    geography_mapping       jsonb            NOT NULL, -- {"MO": "HK"}
    PRIMARY KEY (company_id, pool_id)
);

-- An account is in one pool at the most: hence the primary key.
CREATE TABLE pool_members (
    company_id text COLLATE "C" NOT NULL,
    account_id uuid             NOT NULL,
    pool_id    text COLLATE "C" NOT NULL,
    role       text             NOT NULL CHECK (role IN ('primary', 'secondary')),
    draining   boolean          NOT NULL DEFAULT false,
    place      bigint           NOT NULL,
    PRIMARY KEY (company_id, account_id),
    CHECK ((role = 'primary') = (place = 0)), -- with the index below: one primary a pool
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id),
    FOREIGN KEY (company_id, pool_id) REFERENCES pools (company_id, pool_id)
);
CREATE UNIQUE INDEX one_member_a_place ON pool_members (company_id, pool_id, place);

CREATE TABLE pool_org_units (
    company_id  text COLLATE "C" NOT NULL,
    pool_id     text COLLATE "C" NOT NULL,
    org_unit_id text COLLATE "C" NOT NULL,
    place       bigint           NOT NULL,
    PRIMARY KEY (company_id, pool_id, org_unit_id),
    FOREIGN KEY (company_id, pool_id) REFERENCES pools (company_id, pool_id),
    FOREIGN KEY (company_id, org_unit_id) REFERENCES org_units (company_id, org_unit_id)
);

-- What WhatsApp told of its side, the latest of each; what follows from it is never stored.
CREATE TABLE platform_facts (
    company_id  text COLLATE "C" NOT NULL REFERENCES companies,
    subject     text COLLATE "C" NOT NULL, -- its kind
    subject_key text COLLATE "C" NOT NULL, -- which one
    name        text COLLATE "C" NOT NULL,
    value       text NOT NULL,
    health      text NOT NULL,
    reason      text NOT NULL,
    remedy      text,
    observed_at bigint NOT NULL,
    expires_at  bigint,
    PRIMARY KEY (company_id, subject, subject_key, name)
);

-- Clients ----------------------------------------------------------------------------------------------------------

CREATE TABLE client_identities (
    company_id   text COLLATE "C" NOT NULL REFERENCES companies,
    identity_id  uuid             NOT NULL,
    wa_id        text,
    bsuid        text,
    parent_bsuid text,
    username     text,
    profile_name text,
    created_at   bigint           NOT NULL,
    changed_at   bigint           NOT NULL,
    opted_out_at bigint, -- since when the client wants no more messages
    revision     bigint NOT NULL DEFAULT 0, -- counts up with every change of the aliases
    phone_since  bigint, -- the phone was not this client's before
    merged_into  uuid, -- whose record this one went up in; nothing hangs on it any more
    PRIMARY KEY (company_id, identity_id),
    FOREIGN KEY (company_id, merged_into) REFERENCES client_identities (company_id, identity_id)
);
CREATE INDEX merged_identities ON client_identities (company_id, merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE client_aliases (
    company_id  text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL CHECK (kind IN ('phone', 'bsuid', 'parent_bsuid')),
    value       text COLLATE "C" NOT NULL,
    identity_id uuid             NOT NULL,
    PRIMARY KEY (company_id, kind, value),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id)
);
CREATE INDEX aliases_by_client ON client_aliases (company_id, identity_id);

-- Aliases that a client had once. Another client may have them now.
CREATE TABLE released_aliases (
    company_id  text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL CHECK (kind IN ('phone', 'bsuid', 'parent_bsuid')),
    value       text COLLATE "C" NOT NULL,
    identity_id uuid NOT NULL,
    released_at bigint NOT NULL,
    PRIMARY KEY (company_id, kind, value, identity_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id)
);
CREATE INDEX released_aliases_by_client ON released_aliases (company_id, identity_id);

-- What happened to the company's clients: the history of their aliases.
CREATE TABLE identity_events (
    company_id  text COLLATE "C" NOT NULL,
    event_id    uuid NOT NULL,
    place       bigint GENERATED ALWAYS AS IDENTITY, -- in order of storing
    at          bigint NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('rekeyed', 'displaced', 'merged')),
    identity_id uuid NOT NULL,
    absorbed_id uuid,
    finding     text NOT NULL,
    PRIMARY KEY (company_id, event_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, absorbed_id) REFERENCES client_identities (company_id, identity_id)
);
CREATE UNIQUE INDEX identity_events_in_order ON identity_events (company_id, place);

-- Questions for a person: are these two one client?
CREATE TABLE identity_disputes (
    company_id  text COLLATE "C" NOT NULL,
    dispute_id  uuid NOT NULL,
    identity_id uuid NOT NULL,
    other_id    uuid NOT NULL,
    kind        text COLLATE "C" NOT NULL CHECK (kind IN ('phone', 'bsuid', 'parent_bsuid')),
    value       text NOT NULL, -- the alias in question
    reason      text NOT NULL,
    noticed_at  bigint NOT NULL,
    settled_at  bigint, -- open as long as there is none
    verdict     text CHECK (verdict IN ('same', 'different', 'merged')), -- merged: it settled itself
    PRIMARY KEY (company_id, dispute_id),
    CHECK ((settled_at IS NULL) = (verdict IS NULL)),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, other_id) REFERENCES client_identities (company_id, identity_id)
);
CREATE UNIQUE INDEX open_disputes ON identity_disputes (company_id, identity_id, other_id) WHERE settled_at IS NULL;

CREATE TABLE client_profiles (
    company_id          text COLLATE "C" NOT NULL REFERENCES companies,
    profile_id          uuid             NOT NULL,
    profile_key         text COLLATE "C", -- the company's own key; none when the flow made the profile
    name                text             NOT NULL,
    named_by_company    boolean NOT NULL, -- else the name is what the client goes by on WhatsApp
    phone_number        text COLLATE "C",
    phone_match_key     text COLLATE "C",
    phone_recorded_at   bigint NOT NULL,
    identity_id         uuid,
    org_unit_id         text COLLATE "C" NOT NULL,
    external_company_id text COLLATE "C",
    merged_into         uuid, -- the profile that stands for it; its own rooms stay its own
    PRIMARY KEY (company_id, profile_id),
    FOREIGN KEY (company_id, merged_into) REFERENCES client_profiles (company_id, profile_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, org_unit_id) REFERENCES org_units (company_id, org_unit_id),
    FOREIGN KEY (company_id, external_company_id) REFERENCES external_companies (company_id, external_company_id)
);
CREATE INDEX merged_profiles ON client_profiles (company_id, merged_into) WHERE merged_into IS NOT NULL;
CREATE UNIQUE INDEX profiles_by_key ON client_profiles (company_id, profile_key) WHERE profile_key IS NOT NULL;
CREATE INDEX profiles_by_phone ON client_profiles (company_id, phone_match_key);
CREATE INDEX profiles_by_identity ON client_profiles (company_id, identity_id);

CREATE TABLE profile_assignments (
    company_id text COLLATE "C" NOT NULL,
    profile_id uuid             NOT NULL,
    user_id    uuid             NOT NULL,
    by_config  boolean          NOT NULL, -- whether the configuration says so; else the flow did it
    place      bigint           NOT NULL,
    PRIMARY KEY (company_id, profile_id, user_id),
    FOREIGN KEY (company_id, profile_id) REFERENCES client_profiles (company_id, profile_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id)
);

CREATE TABLE prospects (
    company_id  text COLLATE "C" NOT NULL,
    prospect_id uuid             NOT NULL,
    user_id     uuid             NOT NULL,
    identity_id uuid             NOT NULL,
    primary_id  uuid             NOT NULL,
    text        text             NOT NULL, -- what the client wrote when it began to wait
    waits_for   text COLLATE "C" NOT NULL CHECK (waits_for IN ('promotion', 'number')),
    state       text             NOT NULL CHECK (state IN ('waiting', 'promoted', 'rejected', 'expired', 'joined')),
    created_at  bigint           NOT NULL,
    ended_at    bigint, -- waits as long as there is none
    ended_by    text,
    room_id     uuid, -- the room that it came to; no foreign key, because the room is made in the same act
    PRIMARY KEY (company_id, prospect_id),
    CHECK ((ended_at IS NULL) = (state = 'waiting')),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, primary_id) REFERENCES official_accounts (company_id, account_id)
);
CREATE UNIQUE INDEX waiting_prospects ON prospects (company_id, user_id, identity_id) WHERE ended_at IS NULL;
CREATE INDEX waiting_prospects_of_client ON prospects (company_id, identity_id, created_at) WHERE ended_at IS NULL;
CREATE INDEX waiting_prospects_in_turn ON prospects (company_id, waits_for, prospect_id) WHERE ended_at IS NULL;

-- Rooms ------------------------------------------------------------------------------------------------------------

CREATE TABLE rooms (
    company_id       text COLLATE "C" NOT NULL,
    room_id          uuid             NOT NULL,
    user_id          uuid             NOT NULL,
    profile_id       uuid             NOT NULL,
    identity_id      uuid             NOT NULL,
    account_id       uuid             NOT NULL,
    primary_id       uuid             NOT NULL,
    state            text             NOT NULL CHECK (state IN ('invited', 'active', 'closed', 'failed')),
    created_at       bigint           NOT NULL,
    closed_at        bigint,
    last_reminded_at bigint,
    link_until       bigint, -- the client got a link and has until then to use it
    failure_reason   text,
    closed_by        text, -- who closed it, why, and what they said; none where the invitation failed
    close_reason     text,
    close_note       text,
    merged_from      uuid, -- the client for whom it was opened, where that record went up in another
    PRIMARY KEY (company_id, room_id),
    CHECK ((closed_at IS NULL) = (state IN ('invited', 'active'))),
    CHECK ((closed_by IS NULL) = (close_reason IS NULL)),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id),
    FOREIGN KEY (company_id, profile_id) REFERENCES client_profiles (company_id, profile_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id),
    FOREIGN KEY (company_id, primary_id) REFERENCES official_accounts (company_id, account_id)
);
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
-- would cost more with every room if it were counted. A trigger keeps it, so that nothing can write past it; it runs at
-- the commit, so that two rooms on one number wait for each other no longer than that.
CREATE TABLE account_usage (
    company_id        text COLLATE "C" NOT NULL,
    account_id        uuid             NOT NULL,
    live_rooms        bigint           NOT NULL,
    last_allocated_at bigint           NOT NULL,
    PRIMARY KEY (company_id, account_id),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id)
) WITH (fillfactor = 50);

CREATE FUNCTION onboarding_count_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO account_usage AS present
        VALUES (NEW.company_id, NEW.account_id, (NEW.closed_at IS NULL)::integer, NEW.created_at)
        ON CONFLICT (company_id, account_id) DO UPDATE
        SET live_rooms = present.live_rooms + excluded.live_rooms,
            last_allocated_at = greatest(present.last_allocated_at, excluded.last_allocated_at);
    ELSE
        UPDATE account_usage
        SET live_rooms = live_rooms + (NEW.closed_at IS NULL)::integer - (OLD.closed_at IS NULL)::integer
        WHERE company_id = NEW.company_id AND account_id = NEW.account_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER count_opened_room AFTER INSERT ON rooms DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION onboarding_count_room();
CREATE CONSTRAINT TRIGGER count_closed_room AFTER UPDATE OF closed_at ON rooms DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.closed_at IS NULL) <> (NEW.closed_at IS NULL)) EXECUTE FUNCTION onboarding_count_room();

-- When a client last wrote to an account: the start of the 24-hour window.
CREATE TABLE client_windows (
    company_id    text COLLATE "C" NOT NULL,
    account_id    uuid             NOT NULL,
    identity_id   uuid             NOT NULL,
    last_wrote_at bigint           NOT NULL,
    PRIMARY KEY (company_id, account_id, identity_id),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id)
);

-- What came in -----------------------------------------------------------------------------------------------------

-- Deliveries and quarantine belong to the installation: company_id is the company whose rows the delivery held, or
-- '-' when it held those of several or of none; hence no foreign key.
CREATE TABLE deliveries (
    company_id  text COLLATE "C" NOT NULL,
    delivery_id uuid             NOT NULL,
    received_at bigint           NOT NULL,
    raw         bytea            NOT NULL,
    PRIMARY KEY (company_id, delivery_id)
);
-- For what is purged by age. Rows lie in the order of their arrival, so that a few numbers for many rows do.
CREATE INDEX deliveries_by_arrival ON deliveries USING brin (received_at) WITH (autosummarize = on);

CREATE TABLE quarantine (
    company_id  text COLLATE "C" NOT NULL,
    delivery_id uuid             NOT NULL,
    place       bigint           NOT NULL,
    received_at bigint           NOT NULL,
    payload     bytea            NOT NULL,
    reason      text             NOT NULL,
    PRIMARY KEY (company_id, delivery_id, place)
);
CREATE INDEX quarantine_by_arrival ON quarantine (received_at, delivery_id);

CREATE TABLE inbox (
    company_id   text COLLATE "C" NOT NULL REFERENCES companies,
    inbox_id     uuid             NOT NULL,
    delivery_id  uuid             NOT NULL,
    account_id   uuid             NOT NULL, -- all zeros where the element concerns no single account
    dedupe_key   text COLLATE "C" NOT NULL,
    lane         text COLLATE "C" NOT NULL,
    place        bigint GENERATED ALWAYS AS IDENTITY, -- in order of storing; tells equal arrivals apart
    arrival      bigint           NOT NULL,
    payload      bytea            NOT NULL,
    due_at       bigint           NOT NULL,
    attempts     bigint           NOT NULL DEFAULT 0,
    lease_token  uuid,
    leased_until bigint,
    finished_at  bigint,
    buried       boolean          NOT NULL DEFAULT false,
    note         text, -- how it ended, unless a decision tells
    PRIMARY KEY (company_id, inbox_id)
);
CREATE UNIQUE INDEX inbox_dedupe ON inbox (company_id, account_id, dedupe_key);
CREATE INDEX open_inbox ON inbox (company_id, arrival, place) WHERE finished_at IS NULL;
CREATE INDEX open_inbox_lanes ON inbox (company_id, lane, arrival, place) WHERE finished_at IS NULL;
CREATE INDEX buried_inbox ON inbox (arrival) WHERE buried;

-- The record -------------------------------------------------------------------------------------------------------

CREATE TABLE onboardings (
    company_id      text COLLATE "C" NOT NULL,
    onboarding_id   uuid             NOT NULL,
    inbox_id        uuid             NOT NULL, -- the element that it decides on
    place           bigint GENERATED ALWAYS AS IDENTITY, -- in order of storing
    decided_at      bigint           NOT NULL,
    sent_at         bigint           NOT NULL,
    account_id      uuid             NOT NULL,
    identity_id     uuid,
    text            text             NOT NULL,
    outcome         text             NOT NULL,
    user_id         uuid,
    room_id         uuid,
    suppressed      boolean          NOT NULL,
    wrong_extension boolean          NOT NULL,
    trace           jsonb            NOT NULL,
    PRIMARY KEY (company_id, onboarding_id),
    FOREIGN KEY (company_id, inbox_id) REFERENCES inbox (company_id, inbox_id),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id),
    FOREIGN KEY (company_id, room_id) REFERENCES rooms (company_id, room_id)
);
CREATE UNIQUE INDEX one_decision_an_element ON onboardings (company_id, inbox_id);
CREATE UNIQUE INDEX onboardings_in_order ON onboardings (company_id, place);
CREATE INDEX wrong_extensions ON onboardings (company_id, identity_id, decided_at) WHERE wrong_extension;

-- What the client wrote in a room.
CREATE TABLE room_lines (
    company_id          text COLLATE "C" NOT NULL,
    onboarding_id       uuid             NOT NULL,
    room_id             uuid             NOT NULL,
    sent_at             bigint           NOT NULL,
    text                text             NOT NULL,
    provider_message_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (company_id, onboarding_id),
    FOREIGN KEY (company_id, onboarding_id) REFERENCES onboardings (company_id, onboarding_id),
    FOREIGN KEY (company_id, room_id) REFERENCES rooms (company_id, room_id)
);
CREATE INDEX room_lines_by_room ON room_lines (company_id, room_id, sent_at);

-- Decisions that answer no message.
CREATE TABLE acts (
    company_id     text COLLATE "C" NOT NULL,
    act_id         uuid             NOT NULL,
    place          bigint GENERATED ALWAYS AS IDENTITY, -- in order of storing
    decided_at     bigint           NOT NULL,
    kind           text             NOT NULL,
    done_by        text             NOT NULL,
    user_id        uuid             NOT NULL,
    identity_id    uuid             NOT NULL,
    closed_room_id uuid,
    new_room_id    uuid,
    trace          jsonb            NOT NULL,
    PRIMARY KEY (company_id, act_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, closed_room_id) REFERENCES rooms (company_id, room_id),
    FOREIGN KEY (company_id, new_room_id) REFERENCES rooms (company_id, room_id)
);
CREATE INDEX acts_in_order ON acts (company_id, place);
CREATE INDEX acts_by_new_room ON acts (company_id, new_room_id) WHERE new_room_id IS NOT NULL;

-- What the people of the company are told.
CREATE TABLE notices (
    company_id  text COLLATE "C" NOT NULL REFERENCES companies,
    notice_id   uuid             NOT NULL,
    place       bigint GENERATED ALWAYS AS IDENTITY, -- in order of writing
    audience_id uuid             NOT NULL, -- the user; all zeros for the admins
    kind        text COLLATE "C" NOT NULL,
    subject     text COLLATE "C" NOT NULL,
    text        text             NOT NULL,
    at          bigint           NOT NULL,
    seen_at     bigint,
    PRIMARY KEY (company_id, notice_id)
);
CREATE UNIQUE INDEX one_unseen_notice ON notices (company_id, audience_id, kind, subject) WHERE seen_at IS NULL;
CREATE INDEX notices_in_order ON notices (company_id, audience_id, place);

-- Whether statuses can reach us (IngestHealth in onboarding-core): one row of the installation, whose company_id is '-'.
CREATE TABLE ingest_health (
    company_id   text COLLATE "C" NOT NULL,
    seen_at      bigint           NOT NULL,
    disturbed_at bigint           NOT NULL,
    caught_up_at bigint           NOT NULL,
    PRIMARY KEY (company_id)
);

-- What goes out ----------------------------------------------------------------------------------------------------

CREATE TABLE outbox (
    company_id          text COLLATE "C" NOT NULL,
    outbox_id           uuid             NOT NULL,
    place               bigint GENERATED ALWAYS AS IDENTITY, -- in order of queueing
    account_id          uuid             NOT NULL,
    identity_id         uuid             NOT NULL,
    recipient_kind      text             NOT NULL CHECK (recipient_kind IN ('phone', 'bsuid')),
    recipient           text             NOT NULL,
    text                text, -- of a free text
    template            jsonb, -- of a template
    purpose             text             NOT NULL,
    room_id             uuid,
    after_id            uuid,
    automatic           boolean          NOT NULL,
    queued_at           bigint           NOT NULL,
    state               text             NOT NULL
        CHECK (state IN ('pending', 'sending', 'unknown', 'accepted', 'failed', 'withdrawn')),
    due_at              bigint           NOT NULL,
    lease_token         uuid,
    leased_until        bigint,
    attempts            bigint           NOT NULL DEFAULT 0,
    unknown_attempts    bigint           NOT NULL DEFAULT 0,
    provider_message_id text COLLATE "C",
    progress            text,
    error_code          bigint,
    error_reason        text,
    settled_at          bigint, -- when it was settled first
    replayed_at         bigint, -- attempts and statuses until then are of a life before
    PRIMARY KEY (company_id, outbox_id),
    CHECK ((text IS NULL) <> (template IS NULL)),
    CHECK ((settled_at IS NULL) = (state IN ('pending', 'sending', 'unknown'))),
    CHECK ((lease_token IS NOT NULL) = (state = 'sending')),
    CHECK ((error_code IS NOT NULL) = (state = 'failed')),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id),
    FOREIGN KEY (company_id, identity_id) REFERENCES client_identities (company_id, identity_id),
    FOREIGN KEY (company_id, room_id) REFERENCES rooms (company_id, room_id),
    FOREIGN KEY (company_id, after_id) REFERENCES outbox (company_id, outbox_id)
);
CREATE INDEX open_outbox ON outbox (company_id, place) WHERE settled_at IS NULL;
CREATE INDEX open_outbox_lanes ON outbox (company_id, account_id, identity_id, place) WHERE settled_at IS NULL;
CREATE INDEX leased_outbox ON outbox (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX outbox_by_provider_id ON outbox (company_id, provider_message_id) WHERE provider_message_id IS NOT NULL;
CREATE INDEX outbox_by_room ON outbox (company_id, room_id, queued_at) WHERE room_id IS NOT NULL;
CREATE INDEX automatic_outbox ON outbox (company_id, identity_id, queued_at) WHERE automatic;
CREATE INDEX template_outbox ON outbox (company_id, account_id, queued_at) WHERE template IS NOT NULL;
CREATE INDEX accepted_outbox ON outbox (company_id, settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX failed_outbox ON outbox (place) WHERE error_code IS NOT NULL;

CREATE TABLE outbox_attempts (
    company_id          text COLLATE "C" NOT NULL,
    outbox_id           uuid             NOT NULL,
    lease_token         uuid             NOT NULL,
    started_at          bigint           NOT NULL, -- not before that was settled which it waited for
    ended_at            bigint,
    outcome             text,
    provider_message_id text COLLATE "C",
    again               text, -- why it was sent although it may have gone out before
    PRIMARY KEY (company_id, outbox_id, lease_token),
    FOREIGN KEY (company_id, outbox_id) REFERENCES outbox (company_id, outbox_id)
);
CREATE INDEX attempts_by_provider_id ON outbox_attempts (company_id, provider_message_id)
    WHERE provider_message_id IS NOT NULL;

-- How far a sender has used its rate up (Rate in onboarding-core): of a number, with all zeros for the client, and of
-- a number and a client.
CREATE TABLE send_rates (
    company_id  text COLLATE "C" NOT NULL,
    account_id  uuid             NOT NULL,
    identity_id uuid             NOT NULL,
    paid_until  bigint           NOT NULL,
    PRIMARY KEY (company_id, account_id, identity_id),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id)
);

-- How an account fares with WhatsApp as long as there is doubt (Breaker in onboarding-core).
CREATE TABLE breakers (
    company_id   text COLLATE "C" NOT NULL,
    account_id   uuid             NOT NULL,
    troubles     bigint           NOT NULL,
    held_until   bigint           NOT NULL,
    spared_until bigint           NOT NULL, -- the same for a message that is in doubt
    probing      boolean          NOT NULL,
    PRIMARY KEY (company_id, account_id),
    FOREIGN KEY (company_id, account_id) REFERENCES official_accounts (company_id, account_id)
);

-- Every status report about a message, also those that changed nothing.
CREATE TABLE outbox_statuses (
    company_id          text COLLATE "C" NOT NULL,
    outbox_id           uuid             NOT NULL,
    inbox_id            uuid             NOT NULL,
    provider_message_id text COLLATE "C" NOT NULL,
    progress            text, -- none for a status that we do not know
    at                  bigint           NOT NULL,
    error_code          bigint,
    error_reason        text,
    PRIMARY KEY (company_id, outbox_id, inbox_id),
    FOREIGN KEY (company_id, outbox_id) REFERENCES outbox (company_id, outbox_id),
    FOREIGN KEY (company_id, inbox_id) REFERENCES inbox (company_id, inbox_id)
);

-- The audit --------------------------------------------------------------------------------------------------------

-- The end of each company's chain. Its row is locked by the last statement of every transaction that changes something,
-- so that entries stand in the order of the commits.
CREATE TABLE audit_heads (
    company_id text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES companies,
    sequence   bigint           NOT NULL,
    hash       bytea            NOT NULL
) WITH (fillfactor = 50);

-- docs/audit.md says what the columns hold and how the hash is made. No foreign key: nothing that happens elsewhere may
-- change an entry.
CREATE TABLE audit_events (
    company_id   text COLLATE "C" NOT NULL,
    sequence     bigint           NOT NULL,
    hash         bytea            NOT NULL,
    at           bigint           NOT NULL,
    actor_kind   text             NOT NULL,
    actor_id     text,
    address      text,
    action       text             NOT NULL,
    subject_kind text             NOT NULL,
    subject_id   text             NOT NULL,
    before_value text, -- JSON as text, because its bytes are hashed
    after_value  text,
    PRIMARY KEY (company_id, sequence)
);
CREATE INDEX audit_by_subject ON audit_events (company_id, subject_kind, subject_id, sequence);

-- Moves the company's head on and puts the entry there: from here to the end of the transaction the company's other
-- changes wait. The hash is that of chain_hash in onboarding-core, made here because only here the entry before is known.
CREATE FUNCTION onboarding_append_audit(
    its_company text, its_prefix bytea, its_canonical bytea, its_time bigint, its_actor_kind text, its_actor_id text,
    its_address text, its_action text, its_subject_kind text, its_subject_id text, its_before text, its_after text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    moved audit_heads;
BEGIN
    INSERT INTO audit_heads AS head (company_id, sequence, hash)
    VALUES (its_company, 1,
        sha256(its_prefix || int8send(1::bigint) || decode(repeat('00', 32), 'hex') || its_canonical))
    ON CONFLICT (company_id) DO UPDATE
    SET sequence = head.sequence + 1,
        hash = sha256(its_prefix || int8send(head.sequence + 1) || head.hash || its_canonical)
    RETURNING head.* INTO STRICT moved;
    INSERT INTO audit_events
    VALUES (its_company, moved.sequence, moved.hash, its_time, its_actor_kind, its_actor_id, its_address, its_action,
        its_subject_kind, its_subject_id, its_before, its_after);
    RETURN moved.sequence;
END
$$;

-- The service has no right to do this; the trigger holds off the owner's mistakes.
CREATE FUNCTION onboarding_refuse_to_change_the_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION onboarding_refuse_to_change_the_audit();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION onboarding_refuse_to_change_the_audit();

-- Who may call -----------------------------------------------------------------------------------------------------

-- Of a secret only its SHA-256 is here. A token shows its id and no company: hence the index over all.
CREATE TABLE api_tokens (
    company_id   text COLLATE "C" NOT NULL REFERENCES companies,
    token_id     uuid             NOT NULL,
    name         text             NOT NULL,
    secret_hash  bytea            NOT NULL,
    scopes       jsonb            NOT NULL, -- ["config:read"]
    created_at   bigint           NOT NULL,
    created_by   text             NOT NULL,
    expires_at   bigint           NOT NULL,
    last_used_at bigint,
    revoked_at   bigint,
    PRIMARY KEY (company_id, token_id)
);
CREATE INDEX api_tokens_of_all ON api_tokens (token_id);

CREATE TABLE sessions (
    company_id    text COLLATE "C" NOT NULL,
    session_hash  bytea            NOT NULL,
    user_id       uuid             NOT NULL,
    roles         jsonb            NOT NULL, -- at sign-in
    means         text             NOT NULL,
    second_factor boolean          NOT NULL,
    signed_in_at  bigint           NOT NULL,
    used_at       bigint           NOT NULL,
    PRIMARY KEY (company_id, session_hash),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id)
);
CREATE INDEX sessions_of_all ON sessions (session_hash);
CREATE INDEX sessions_by_user ON sessions (company_id, user_id);
CREATE INDEX sessions_by_age ON sessions (company_id, signed_in_at);

-- How people sign in who have no identity provider. The password is argon2's text, the second factor's secret is shared
-- with the person's authenticator and cannot be a hash.
CREATE TABLE local_accounts (
    company_id text COLLATE "C" NOT NULL,
    user_id    uuid             NOT NULL,
    password   text             NOT NULL,
    totp       bytea,
    failures   bigint           NOT NULL, -- wrong tries since the last right one
    failed_at  bigint,
    code_step  bigint           NOT NULL, -- of the last code that was taken
    PRIMARY KEY (company_id, user_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id)
);

-- Links that set an account up, one a user, until they are used.
CREATE TABLE set_up_links (
    company_id text COLLATE "C" NOT NULL,
    user_id    uuid             NOT NULL,
    link_hash  bytea            NOT NULL,
    expires_at bigint           NOT NULL,
    PRIMARY KEY (company_id, user_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, user_id)
);
CREATE INDEX set_up_links_of_all ON set_up_links (link_hash);

-- What was answered to requests with a key; no answer: under way.
CREATE TABLE idempotency_keys (
    company_id     text COLLATE "C" NOT NULL REFERENCES companies,
    caller         text COLLATE "C" NOT NULL,
    key_hash       bytea            NOT NULL,
    reservation_id uuid             NOT NULL,
    fingerprint    bytea            NOT NULL,
    busy_until     bigint           NOT NULL,
    expires_at     bigint           NOT NULL,
    sealed_answer  bytea,
    PRIMARY KEY (company_id, caller, key_hash)
);
CREATE INDEX idempotency_keys_by_end ON idempotency_keys (company_id, expires_at);

-- Imports of users: one runs at a time.
CREATE TABLE imports (
    company_id     text COLLATE "C" NOT NULL REFERENCES companies,
    import_id      uuid             NOT NULL,
    state          text             NOT NULL,
    actor_kind     text             NOT NULL,
    actor_id       text,
    address        text,
    may_give_roles boolean          NOT NULL,
    begun_at       bigint           NOT NULL,
    ended_at       bigint,
    total          bigint           NOT NULL,
    created        bigint           NOT NULL,
    changed        bigint           NOT NULL,
    unchanged      bigint           NOT NULL,
    refused        bigint           NOT NULL,
    lease_token    uuid,
    leased_until   bigint,
    PRIMARY KEY (company_id, import_id)
);
CREATE UNIQUE INDEX one_running_import ON imports (company_id) WHERE ended_at IS NULL;

-- The rows that wait, with their cells, and the refused ones, with what is wrong. Rows that are done with are gone.
CREATE TABLE import_rows (
    company_id text COLLATE "C" NOT NULL,
    import_id  uuid             NOT NULL,
    line       bigint           NOT NULL,
    username   text             NOT NULL,
    batch      bigint,
    cells      jsonb,
    mistakes   jsonb,
    PRIMARY KEY (company_id, import_id, line),
    FOREIGN KEY (company_id, import_id) REFERENCES imports ON DELETE CASCADE
);
CREATE INDEX import_rows_that_wait ON import_rows (company_id, import_id, batch) WHERE batch IS NOT NULL;

-- Time -------------------------------------------------------------------------------------------------------------

-- Microseconds since 1970 by the clock of this server, which all replicas share.
CREATE FUNCTION onboarding_now() RETURNS bigint LANGUAGE sql VOLATILE
    RETURN (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

-- When something that a replica calls due at `given` is due here: no later than now, should that replica's clock run
-- ahead.
CREATE FUNCTION onboarding_due(given bigint, by_our_clock boolean) RETURNS bigint LANGUAGE sql VOLATILE
    RETURN CASE WHEN by_our_clock THEN least(given, onboarding_now()) ELSE given END;

-- Who sees what ----------------------------------------------------------------------------------------------------

-- The service works as this role, which owns nothing, so that the policies below bind it even when the login is the
-- owner or a superuser. Where the migrating login may not make roles, the policies bind the owner all the same (FORCE).
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'onboarding_app') THEN
        CREATE ROLE onboarding_app NOLOGIN;
    END IF;
    IF NOT pg_has_role(current_user, 'onboarding_app', 'MEMBER') THEN
        EXECUTE format('GRANT onboarding_app TO %I', current_user);
    END IF;
EXCEPTION
    WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
        RAISE NOTICE 'onboarding_app was not made: %', SQLERRM;
END
$$;

-- Each transaction says for which company it works; the few that cross companies say 'installation'. After a
-- transaction the setting is '' and not NULL. The subqueries make the server look once a statement and not once a row.
DO $$
DECLARE
    one name;
BEGIN
    FOR one IN
        SELECT relname FROM pg_class
        JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'company_id'
        WHERE relnamespace = current_schema::regnamespace AND relkind = 'r'
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', one);
        EXECUTE format(
            'CREATE POLICY own_company ON %I USING (
                company_id = (SELECT NULLIF(current_setting(''onboarding.company'', true), ''''))
                OR (SELECT current_setting(''onboarding.scope'', true)) = ''installation'')',
            one);
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onboarding_app') THEN
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO onboarding_app', one);
        END IF;
    END LOOP;
END
$$;

-- The audit is append-only by right: entries are added and read, and nothing else. Heads move on.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onboarding_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON audit_events FROM onboarding_app;
        REVOKE DELETE, TRUNCATE ON audit_heads FROM onboarding_app;
    END IF;
END
$$;
