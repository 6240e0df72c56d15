UPDATE inbox SET lease_token = :token, leased_until = :now + 30000000, attempts = attempts + 1
WHERE company_id = 'bench' AND inbox_id = :inbox;

SELECT finished_at, lease_token FROM inbox WHERE company_id = 'bench' AND inbox_id = :inbox;

SELECT revision FROM companies WHERE company_id = 'bench';

SELECT identity_id FROM client_aliases WHERE company_id = 'bench' AND kind = 'bsuid' AND value = :user_id;

SELECT identity_id FROM client_aliases WHERE company_id = 'bench' AND kind = 'phone' AND value = :phone;

SELECT user_id, username, name, email, title, org_unit_id, extension, roles, deactivated_at FROM users
WHERE company_id = 'bench' AND extension = :extension
ORDER BY deactivated_at IS NULL DESC, deactivated_at DESC LIMIT 1;

SELECT user_id, external_company_id FROM user_external_companies
WHERE company_id = 'bench' AND user_id = :user ORDER BY place;

SELECT profile_id, profile_key, name, phone_number, identity_id, org_unit_id, external_company_id FROM client_profiles
WHERE company_id = 'bench' AND phone_match_key = :phone ORDER BY profile_id;

SELECT account_id, live_rooms, last_allocated_at FROM account_usage
WHERE company_id = 'bench' AND account_id IN (
    SELECT account_id FROM pool_members WHERE company_id = 'bench' AND role = 'secondary' AND pool_id = (
        SELECT pool_id FROM pool_members WHERE company_id = 'bench' AND account_id = :primary));

INSERT INTO client_identities (company_id, identity_id, wa_id, bsuid, profile_name, created_at, changed_at)
VALUES ('bench', :identity, :phone, :user_id, :phone, :now, :now);

INSERT INTO client_aliases (company_id, kind, value, identity_id) VALUES ('bench', 'bsuid', :user_id, :identity)
ON CONFLICT DO NOTHING;

INSERT INTO client_aliases (company_id, kind, value, identity_id) VALUES ('bench', 'phone', :phone, :identity)
ON CONFLICT DO NOTHING;

INSERT INTO client_windows (company_id, account_id, identity_id, last_wrote_at)
VALUES ('bench', :primary, :identity, :now) ON CONFLICT DO NOTHING;

INSERT INTO client_profiles
    (company_id, profile_id, name, named_by_company, phone_number, phone_match_key, phone_recorded_at, identity_id,
     org_unit_id)
SELECT 'bench', :profile, :phone, 0, '+' || :phone, :phone, :now, :identity, org_unit_id FROM users
WHERE company_id = 'bench' AND user_id = :user;

INSERT INTO rooms
    (company_id, room_id, user_id, profile_id, identity_id, account_id, primary_id, state, created_at)
VALUES ('bench', :room, :user, :profile, :identity, :secondary, :primary, 'active', :now) ON CONFLICT DO NOTHING;

SELECT max(place) FROM profile_assignments WHERE company_id = 'bench' AND profile_id = :profile;

INSERT INTO profile_assignments (company_id, profile_id, user_id, by_config, place)
VALUES ('bench', :profile, :user, 0, 0) ON CONFLICT DO NOTHING;

INSERT INTO onboardings
    (company_id, onboarding_id, inbox_id, place, decided_at, sent_at, account_id, identity_id, text, outcome, user_id,
     room_id, suppressed, wrong_extension, trace)
VALUES ('bench', :onboarding, :inbox, (SELECT coalesce(max(place), 0) + 1 FROM onboardings WHERE company_id = 'bench'),
        :now, :now, :primary, :identity, 'Hello, I would like to talk to you #user0000', 'onboarded', :user, :room, 0,
        0, :trace);

INSERT INTO outbox
    (company_id, outbox_id, place, account_id, identity_id, recipient_kind, recipient, text, purpose, room_id,
     automatic, queued_at, due_at, state)
VALUES ('bench', :info, (SELECT coalesce(max(place), 0) + 1 FROM outbox), :primary, :identity, 'phone', :phone,
        'Dear customer, I have found User 22 at Bench Bank. You will receive an invitation to chat in a few seconds from +85251000023.',
        'user_info', :room, 0, :now, :now, 'pending');

INSERT INTO outbox
    (company_id, outbox_id, place, account_id, identity_id, recipient_kind, recipient, template, purpose, room_id,
     after_id, automatic, queued_at, due_at, state)
VALUES ('bench', :invitation, (SELECT coalesce(max(place), 0) + 1 FROM outbox), :secondary, :identity, 'phone', :phone,
        '{"name":"client_invitation","language":"en","parameters":["User 22"]}', 'invitation', :room, :info, 0, :now,
        :now, 'pending');

UPDATE inbox SET finished_at = :now, note = NULL, lease_token = NULL, leased_until = NULL
WHERE company_id = 'bench' AND inbox_id = :inbox AND lease_token = :token;

SELECT sequence, hash FROM audit_heads WHERE company_id = 'bench';

INSERT INTO audit_events
    (company_id, sequence, hash, at, actor_kind, action, subject_kind, subject_id, after_value)
SELECT 'bench', coalesce((SELECT sequence + 1 FROM audit_heads WHERE company_id = 'bench'), 1), :hash, :now, 'flow',
       'decide', 'onboarding', hex(:onboarding), :audit;

INSERT INTO audit_heads (company_id, sequence, hash) VALUES ('bench', 1, :hash)
ON CONFLICT (company_id) DO UPDATE SET sequence = sequence + 1, hash = excluded.hash
