SET session_replication_role = replica;
INSERT INTO client_aliases (company_id, kind, value, identity_id)
SELECT 'bench', 'phone', '8529' || lpad(n::text, 7, '0'), bench_id(1, 0, 0, n)
FROM generate_series(0, {clients} - 1) AS n;
