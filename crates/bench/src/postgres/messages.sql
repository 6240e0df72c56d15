SET session_replication_role = replica;
-- Clients to whom every number has something to say: half free texts, half invitations, as onboardings make them.
INSERT INTO client_identities (company_id, identity_id, wa_id, created_at, changed_at)
SELECT 'bench', bench_id(1, 0, 0, n), '8529' || lpad(n::text, 7, '0'), 0, 0 FROM generate_series(0, {messages} - 1) AS n;
-- Each wrote to their number a moment ago, or free text would be withheld.
INSERT INTO client_windows (company_id, account_id, identity_id, last_wrote_at)
SELECT 'bench', bench_number(n % {numbers}), bench_id(1, 0, 0, n), onboarding_now()
FROM generate_series(0, {messages} - 1) AS n;
INSERT INTO outbox
    (company_id, outbox_id, account_id, identity_id, recipient_kind, recipient, text, template, purpose, automatic,
     queued_at, state, due_at)
SELECT 'bench', bench_id(9, 0, 0, n), bench_number(n % {numbers}), bench_id(1, 0, 0, n), 'phone',
       '8529' || lpad(n::text, 7, '0'),
       CASE WHEN n % 2 = 0 THEN 'User 1 will write to you from another number. Only that number is ours.' END,
       CASE WHEN n % 2 = 1 THEN '{template}'::jsonb END,
       CASE WHEN n % 2 = 0 THEN 'user_info' ELSE 'invitation' END, false, 0, 'pending', 0
FROM generate_series(0, {messages} - 1) AS n
ORDER BY n;
