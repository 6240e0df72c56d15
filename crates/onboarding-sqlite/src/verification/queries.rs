//! One query an invariant, or several: each finds what must not be.
//!
//! They say what holds, not how the code sees to it: a room lives by its state, where the code asks for its end.
//!
//! They must end on a large database too. Of the two indexes of attempts SQLite would take the one of which it can use a
//! second column, if only to ask that it is not null, and go through the whole company for each message: the `+` before
//! that column forbids it.

/// What a (company, subject, one, other) of the query breaks.
pub(super) const QUERIES: &[(&str, &str)] = &[
    (
        "INV-1",
        "SELECT company_id, 'live rooms of user {} and profile {}' AS subject, user_id AS one, profile_id AS other
         FROM rooms WHERE state IN ('invited', 'active')
         GROUP BY company_id, user_id, profile_id HAVING count(*) > 1",
    ),
    (
        "INV-1",
        "SELECT company_id, 'live rooms of user {} and client {}' AS subject, user_id AS one, identity_id AS other
         FROM rooms WHERE state IN ('invited', 'active')
         GROUP BY company_id, user_id, identity_id HAVING count(*) > 1",
    ),
    (
        "INV-2",
        "SELECT company_id, 'live rooms of client {} on account {}' AS subject, identity_id AS one, account_id AS other
         FROM rooms WHERE state IN ('invited', 'active')
         GROUP BY company_id, identity_id, account_id HAVING count(*) > 1",
    ),
    (
        "INV-13",
        "SELECT company_id, 'account {} counts other live rooms than it has' AS subject, account_id AS one,
             NULL AS other
         FROM account_usage AS counted
         WHERE live_rooms <> (
             SELECT count(*) FROM rooms
             WHERE rooms.company_id = counted.company_id AND rooms.account_id = counted.account_id
               AND state IN ('invited', 'active'))",
    ),
    (
        "INV-3",
        "SELECT company_id, 'room {} without its user {}' AS subject, room_id AS one, user_id AS other FROM rooms
         WHERE NOT EXISTS (
             SELECT 1 FROM users AS its
             WHERE its.company_id = rooms.company_id AND its.user_id = rooms.user_id)",
    ),
    (
        "INV-3",
        "SELECT company_id, 'room {} without its profile {}' AS subject, room_id AS one, profile_id AS other FROM rooms
         WHERE NOT EXISTS (
             SELECT 1 FROM client_profiles AS its
             WHERE its.company_id = rooms.company_id AND its.profile_id = rooms.profile_id)",
    ),
    (
        "INV-3",
        "SELECT company_id, 'room {} without its client {}' AS subject, room_id AS one, identity_id AS other FROM rooms
         WHERE NOT EXISTS (
             SELECT 1 FROM client_identities AS its
             WHERE its.company_id = rooms.company_id AND its.identity_id = rooms.identity_id)",
    ),
    (
        "INV-3",
        "SELECT company_id, 'room {} without its secondary {}' AS subject, room_id AS one, account_id AS other FROM rooms
         WHERE NOT EXISTS (
             SELECT 1 FROM official_accounts AS its
             WHERE its.company_id = rooms.company_id AND its.account_id = rooms.account_id)",
    ),
    (
        "INV-3",
        "SELECT company_id, 'room {} without its primary {}' AS subject, room_id AS one, primary_id AS other FROM rooms
         WHERE NOT EXISTS (
             SELECT 1 FROM official_accounts AS its
             WHERE its.company_id = rooms.company_id AND its.account_id = rooms.primary_id)",
    ),
    (
        "INV-5",
        "SELECT company_id, 'inbound element {} is done, and nothing tells how' AS subject, inbox_id AS one,
             NULL AS other
         FROM inbox WHERE finished_at IS NOT NULL AND coalesce(note, '') = '' AND NOT EXISTS (
             SELECT 1 FROM onboardings
             WHERE onboardings.company_id = inbox.company_id AND onboardings.inbox_id = inbox.inbox_id)",
    ),
    (
        "INV-5",
        "SELECT company_id, 'inbound element {} goes on after ' || attempts || ' attempts' AS subject,
             inbox_id AS one, NULL AS other
         FROM inbox WHERE finished_at IS NULL AND attempts > 13",
    ),
    (
        "INV-6",
        "SELECT company_id, 'message {} was accepted ' || copies || ' times' AS subject, outbox_id AS one,
             NULL AS other
         FROM (
             SELECT company_id, outbox_id, unknown_attempts, (
                 SELECT count(*) FROM outbox_attempts AS attempt
                 WHERE attempt.company_id = message.company_id AND attempt.outbox_id = message.outbox_id
                   AND +attempt.provider_message_id IS NOT NULL
                   AND (replayed_at IS NULL OR attempt.started_at > replayed_at)) AS copies
             FROM outbox AS message) AS message
         WHERE copies > 1 + unknown_attempts OR copies > 2 OR (copies = 2 AND NOT EXISTS (
             SELECT 1 FROM outbox_attempts AS attempt
             WHERE attempt.company_id = message.company_id AND attempt.outbox_id = message.outbox_id
               AND attempt.again IS NOT NULL))",
    ),
    (
        "INV-7",
        "SELECT message.company_id AS company_id, 'unsettled invitations of client {} by user {}' AS subject,
             message.identity_id AS one, user_id AS other
         FROM outbox AS message
         JOIN rooms ON rooms.company_id = message.company_id AND rooms.room_id = message.room_id
         WHERE purpose = 'invitation' AND message.state IN ('pending', 'sending', 'unknown')
         GROUP BY message.company_id, message.identity_id, user_id HAVING count(*) > 1",
    ),
    (
        "INV-8",
        "SELECT company_id, 'decisions on inbound element {}' AS subject, inbox_id AS one, NULL AS other
         FROM onboardings GROUP BY company_id, inbox_id HAVING count(*) > 1",
    ),
    (
        "INV-9",
        "SELECT company_id, 'onboarding {} without its room' AS subject, onboarding_id AS one, NULL AS other
         FROM onboardings WHERE outcome = 'onboarded' AND NOT EXISTS (
             SELECT 1 FROM rooms
             WHERE rooms.company_id = onboardings.company_id AND rooms.room_id = onboardings.room_id)",
    ),
    (
        "INV-9",
        "SELECT company_id, 'onboarding {} without an invitation or a link to room {}' AS subject,
             onboarding_id AS one, room_id AS other
         FROM onboardings WHERE outcome = 'onboarded' AND room_id IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM outbox
             WHERE outbox.company_id = onboardings.company_id AND outbox.room_id = onboardings.room_id
               AND outbox.purpose IN ('invitation', 'hand_off_link'))",
    ),
    (
        "INV-9",
        "SELECT company_id, 'room {} without its decision' AS subject, room_id AS one, NULL AS other
         FROM rooms WHERE (company_id, room_id) NOT IN (
             SELECT company_id, room_id FROM onboardings WHERE outcome = 'onboarded' AND room_id IS NOT NULL
             UNION ALL
             SELECT company_id, new_room_id FROM acts WHERE new_room_id IS NOT NULL)",
    ),
    (
        "INV-9",
        "SELECT company_id, 'act {} without an invitation or a link to room {}' AS subject, act_id AS one,
             new_room_id AS other
         FROM acts WHERE new_room_id IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM outbox
             WHERE outbox.company_id = acts.company_id AND outbox.room_id = acts.new_room_id
               AND outbox.purpose IN ('invitation', 'hand_off_link'))",
    ),
    (
        "INV-14",
        "SELECT later.company_id AS company_id, 'message {} was attempted before {} was settled' AS subject,
             later.outbox_id AS one, later.after_id AS other
         FROM outbox AS later
         JOIN outbox AS earlier
             ON earlier.company_id = later.company_id AND earlier.outbox_id = later.after_id
         WHERE earlier.replayed_at IS NULL AND EXISTS (
             SELECT 1 FROM outbox_attempts AS attempt
             WHERE attempt.company_id = later.company_id AND attempt.outbox_id = later.outbox_id
               AND (earlier.settled_at IS NULL OR attempt.started_at < earlier.settled_at))",
    ),
    (
        "INV-16",
        "SELECT company_id, 'message {} is behind its statuses' AS subject, outbox_id AS one, NULL AS other
         FROM (
             SELECT message.company_id AS company_id, message.outbox_id AS outbox_id,
                 CASE coalesce(message.progress, message.state)
                     WHEN 'sent' THEN 1 WHEN 'failed' THEN 2 WHEN 'delivered' THEN 3 WHEN 'read' THEN 4
                     WHEN 'played' THEN 5 ELSE 0 END AS progress,
                 max(CASE status.progress
                     WHEN 'sent' THEN 1 WHEN 'failed' THEN 2 WHEN 'delivered' THEN 3 WHEN 'read' THEN 4
                     WHEN 'played' THEN 5 ELSE 0 END) AS told
             FROM outbox AS message
             JOIN outbox_statuses AS status
                 ON status.company_id = message.company_id AND status.outbox_id = message.outbox_id
             JOIN inbox ON inbox.company_id = status.company_id AND inbox.inbox_id = status.inbox_id
             WHERE message.replayed_at IS NULL OR inbox.finished_at > message.replayed_at
             GROUP BY message.company_id, message.outbox_id)
         WHERE progress < told",
    ),
    (
        "INV-26",
        "SELECT company_id, 'users {} and {} with one extension' AS subject, min(user_id) AS one,
             max(user_id) AS other
         FROM users WHERE deactivated_at IS NULL AND extension IS NOT NULL
         GROUP BY company_id, extension HAVING count(*) > 1",
    ),
    (
        "INV-26",
        "SELECT company_id, 'users {} and {} with extensions that look the same' AS subject, min(user_id) AS one,
             max(user_id) AS other
         FROM users WHERE deactivated_at IS NULL AND extension_skeleton IS NOT NULL
         GROUP BY company_id, extension_skeleton HAVING count(*) > 1",
    ),
    (
        "INV-31",
        "SELECT rooms.company_id AS company_id, 'client {} met several users on account {}' AS subject,
             coalesce(merged_from, identity_id) AS one, account_id AS other
         FROM rooms JOIN companies ON companies.company_id = rooms.company_id
         WHERE state <> 'failed' AND json_extract(features, '$.pair_reuse_after_days') IS NULL
         GROUP BY rooms.company_id, coalesce(merged_from, identity_id), account_id HAVING count(DISTINCT user_id) > 1",
    ),
    (
        "INV-32",
        "SELECT company_id, 'line {} stands in the record of room {}' AS subject, onboarding_id AS one,
             room_id AS other
         FROM room_lines AS line WHERE NOT EXISTS (
             SELECT 1 FROM onboardings
             JOIN client_identities AS writer ON writer.company_id = onboardings.company_id
                 AND writer.identity_id = onboardings.identity_id
             JOIN rooms ON rooms.company_id = onboardings.company_id
                 AND rooms.account_id = onboardings.account_id
                 AND rooms.identity_id = coalesce(writer.merged_into, writer.identity_id)
             WHERE onboardings.company_id = line.company_id
               AND onboardings.onboarding_id = line.onboarding_id AND rooms.room_id = line.room_id)",
    ),
    (
        "INV-33",
        "SELECT company_id, 'room {} is ' || state || ', and who ended it does not fit' AS subject, room_id AS one,
             NULL AS other
         FROM rooms WHERE (state = 'closed') <> (closed_by IS NOT NULL AND close_reason IS NOT NULL)",
    ),
    (
        "INV-33",
        "SELECT company_id, 'prospect {} is ' || state || ', and who ended it does not fit' AS subject,
             prospect_id AS one, NULL AS other
         FROM prospects WHERE (state <> 'waiting') <> (ended_at IS NOT NULL AND ended_by IS NOT NULL)",
    ),
    (
        "INV-34",
        "SELECT client.company_id AS company_id, 'client {} opted out and has the live room {}' AS subject,
             client.identity_id AS one, room_id AS other
         FROM client_identities AS client
         JOIN rooms ON rooms.company_id = client.company_id AND rooms.identity_id = client.identity_id
         WHERE opted_out_at IS NOT NULL AND state IN ('invited', 'active')",
    ),
    (
        "INV-34",
        "SELECT client.company_id AS company_id, 'client {} opted out and the invitation {} is queued' AS subject,
             client.identity_id AS one, outbox_id AS other
         FROM client_identities AS client
         JOIN outbox ON outbox.company_id = client.company_id AND outbox.identity_id = client.identity_id
         WHERE opted_out_at IS NOT NULL AND purpose = 'invitation' AND state = 'pending'",
    ),
    (
        "INV-35",
        "SELECT company_id, 'client {} waits several times for user {}' AS subject, identity_id AS one,
             user_id AS other
         FROM prospects WHERE state = 'waiting'
         GROUP BY company_id, identity_id, user_id HAVING count(*) > 1",
    ),
    (
        "INV-36",
        "SELECT company_id, 'client {} is known by an id that does not lead to them' AS subject, identity_id AS one,
             NULL AS other
         FROM client_identities AS client
         WHERE bsuid IS NOT NULL AND NOT EXISTS (
                 SELECT 1 FROM client_aliases AS alias
                 WHERE alias.company_id = client.company_id AND alias.kind = 'bsuid'
                   AND alias.value = client.bsuid AND alias.identity_id = client.identity_id)
            OR parent_bsuid IS NOT NULL AND NOT EXISTS (
                 SELECT 1 FROM client_aliases AS alias
                 WHERE alias.company_id = client.company_id AND alias.kind = 'parent_bsuid'
                   AND alias.value = client.parent_bsuid AND alias.identity_id = client.identity_id)",
    ),
    (
        "INV-36",
        "SELECT client.company_id AS company_id, 'client {} does not lead to the one phone that they have' AS subject,
             client.identity_id AS one, NULL AS other
         FROM client_identities AS client
         LEFT JOIN client_aliases AS alias ON alias.company_id = client.company_id
             AND alias.identity_id = client.identity_id AND alias.kind = 'phone'
         GROUP BY client.company_id, client.identity_id, client.wa_id
         HAVING count(alias.value) <> (CASE WHEN client.wa_id IS NULL THEN 0 ELSE 1 END)",
    ),
    (
        "INV-37",
        "SELECT company_id, 'client {} went up in {}, but something hangs on them' AS subject, identity_id AS one,
             merged_into AS other
         FROM client_identities AS client
         WHERE merged_into IS NOT NULL AND (
             EXISTS (SELECT 1 FROM client_aliases AS its
                 WHERE its.company_id = client.company_id AND its.identity_id = client.identity_id)
             OR EXISTS (SELECT 1 FROM rooms AS its
                 WHERE its.company_id = client.company_id AND its.identity_id = client.identity_id)
             OR EXISTS (SELECT 1 FROM client_profiles AS its
                 WHERE its.company_id = client.company_id AND its.identity_id = client.identity_id)
             OR EXISTS (SELECT 1 FROM prospects AS its
                 WHERE its.company_id = client.company_id AND its.identity_id = client.identity_id)
             OR EXISTS (SELECT 1 FROM outbox AS its
                 WHERE its.company_id = client.company_id AND its.identity_id = client.identity_id))",
    ),
    (
        "INV-38",
        "SELECT rooms.company_id AS company_id, 'live room {} is for profile {}, which is another client''s' AS subject,
             room_id AS one, rooms.profile_id AS other
         FROM rooms
         JOIN client_profiles AS profile
             ON profile.company_id = rooms.company_id AND profile.profile_id = rooms.profile_id
         WHERE state IN ('invited', 'active') AND profile.identity_id <> rooms.identity_id",
    ),
];
