-- Brings back an empty database: every company, record and queue is lost. The role onboarding_app stays, because it
-- belongs to the server and another database may use it.
DROP TABLE outbox_statuses;
DROP TABLE send_rates;
DROP TABLE outbox_attempts;
DROP TABLE outbox;
DROP TABLE room_lines;
DROP TABLE onboardings;
DROP TABLE inbox;
DROP TABLE quarantine;
DROP TABLE deliveries;
DROP TABLE client_windows;
DROP TABLE rooms;
DROP TABLE prospects;
DROP TABLE profile_assignments;
DROP TABLE client_profiles;
DROP TABLE client_aliases;
DROP TABLE client_identities;
DROP TABLE pool_org_units;
DROP TABLE pool_members;
DROP TABLE pools;
DROP TABLE official_accounts;
DROP TABLE user_external_companies;
DROP TABLE users;
DROP TABLE external_companies;
DROP TABLE org_units;
DROP TABLE companies;
DROP FUNCTION onboarding_due(bigint, boolean);
DROP FUNCTION onboarding_now();
