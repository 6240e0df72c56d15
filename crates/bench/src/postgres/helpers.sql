-- Ids in the order of time, as the service makes them: kind tells the ids of one turn apart.
CREATE FUNCTION bench_id(kind bigint, run bigint, client bigint, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN (lpad(to_hex(run), 4, '0') || lpad(to_hex(n), 8, '0') || lpad(to_hex(client), 4, '0')
        || lpad(to_hex(kind), 16, '0'))::uuid;

-- The users and the numbers of the company, in its manifest's order.
DO $$
DECLARE
    all_users uuid[] := (SELECT array_agg(user_id ORDER BY substring(username FROM 6)::integer) FROM users);
    all_numbers uuid[] := (SELECT array_agg(account_id ORDER BY phone_number) FROM official_accounts);
BEGIN
    EXECUTE format(
        'CREATE FUNCTION bench_user(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN (%L::uuid[])[n + 1]',
        all_users);
    EXECUTE format(
        'CREATE FUNCTION bench_number(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN (%L::uuid[])[n + 1]',
        all_numbers);
END
$$;
