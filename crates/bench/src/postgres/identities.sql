SET session_replication_role = replica;
INSERT INTO client_identities (company_id, identity_id, wa_id, profile_name, created_at, changed_at)
SELECT 'bench', bench_id(1, 0, 0, n), '8529' || lpad(n::text, 7, '0'), 'Client ' || n,
       1700000000000000 + n, 1700000000000000 + n
FROM generate_series(0, {clients} - 1) AS n;
