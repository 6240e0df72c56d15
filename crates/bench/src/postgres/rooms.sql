SET session_replication_role = replica;
CREATE TEMPORARY TABLE with_room AS
SELECT n, n % ({units} * {users}) AS nth_user, n % ({units} * {users}) / {users} AS unit,
       n % ({units} * {users}) / {users} * ({secondaries} + 1) AS primary_number,
       n / ({units} * {users}) % {secondaries} + 1 AS secondary
FROM generate_series(0, {rooms} - 1) AS n;
INSERT INTO client_profiles
    (company_id, profile_id, name, named_by_company, phone_number, phone_match_key, phone_recorded_at, identity_id,
     org_unit_id)
SELECT 'bench', bench_id(2, 0, 0, n), 'Client ' || n, false, '+8529' || lpad(n::text, 7, '0'),
       '8529' || lpad(n::text, 7, '0'), 1700000000000000 + n, bench_id(1, 0, 0, n), 'unit-' || unit
FROM with_room;
INSERT INTO profile_assignments (company_id, profile_id, user_id, by_config, place)
SELECT 'bench', bench_id(2, 0, 0, n), bench_user(nth_user), false, 0 FROM with_room;
INSERT INTO rooms
    (company_id, room_id, user_id, profile_id, identity_id, account_id, primary_id, state, created_at)
SELECT 'bench', bench_id(3, 0, 0, n), bench_user(nth_user), bench_id(2, 0, 0, n), bench_id(1, 0, 0, n),
       bench_number(primary_number + secondary), bench_number(primary_number), 'active', 1700000000000000 + n
FROM with_room;
INSERT INTO client_windows (company_id, account_id, identity_id, last_wrote_at)
SELECT 'bench', bench_number(primary_number), bench_id(1, 0, 0, n), 1700000000000000 + n FROM with_room;
INSERT INTO account_usage (company_id, account_id, live_rooms, last_allocated_at)
SELECT company_id, account_id, count(*), max(created_at) FROM rooms GROUP BY company_id, account_id;
