-- The logos are gone: they have to be given again.
DROP TABLE company_logos;
ALTER TABLE companies DROP COLUMN qr_logo;
