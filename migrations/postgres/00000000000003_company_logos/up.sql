-- The logo in a company's QR codes. Its name is loaded with the company, for each message; its picture is not, so that it has a table of
-- its own.
ALTER TABLE companies ADD COLUMN qr_logo text; -- SHA-256 of the file that somebody gave, in hex

CREATE TABLE company_logos (
    company_id text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES companies,
    digest     text             NOT NULL, -- as companies.qr_logo
    picture    bytea            NOT NULL  -- PNG
);

-- As for every table of companies (00000000000001_initial).
ALTER TABLE company_logos ENABLE ROW LEVEL SECURITY;
ALTER TABLE company_logos FORCE ROW LEVEL SECURITY;
CREATE POLICY own_company ON company_logos USING (
    company_id = (SELECT NULLIF(current_setting('onboarding.company', true), ''))
    OR (SELECT current_setting('onboarding.scope', true)) = 'installation');
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onboarding_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON company_logos TO onboarding_app;
    END IF;
END
$$;
