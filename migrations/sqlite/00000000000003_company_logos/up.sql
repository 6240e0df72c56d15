-- The logo in a company's QR codes. Its name is loaded with the company, for each message; its picture is not, so that it has a table of
-- its own.
ALTER TABLE companies ADD COLUMN qr_logo TEXT; -- SHA-256 of the file that somebody gave, in hex

CREATE TABLE company_logos (
    company_id TEXT NOT NULL PRIMARY KEY REFERENCES companies,
    digest     TEXT NOT NULL, -- as companies.qr_logo
    picture    BLOB NOT NULL  -- PNG
) STRICT;
