//! The logo in a company's QR codes.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SqliteConnection};
use onboarding_core::{CompanyId, CompanySettings, Logo};

use super::apply::Change;
use crate::{
    error::{Error, Place},
    schema::company_logos,
};

/// With its picture.
pub(super) fn load(connection: &mut SqliteConnection, company: &CompanyId) -> Result<Option<Logo>, Error> {
    let row: Option<(String, Vec<u8>)> = company_logos::table
        .find(company.as_str())
        .select((company_logos::digest, company_logos::picture))
        .first(connection)
        .optional()?;
    let Some((digest, picture)) = row else {
        return Ok(None);
    };
    let place = Place {
        table: "company_logos",
        row: company,
    };
    Ok(Some(place.read("digest", Logo::stored(&digest, Some(picture)))?))
}

/// Keeps the picture of the settings' logo, and none where they have no logo.
pub(super) fn put(change: &mut Change<'_>, settings: &CompanySettings) -> Result<(), Error> {
    let own = company_logos::table.find(change.company.as_str());
    let Some(logo) = &settings.qr_logo else {
        diesel::delete(own).execute(change.connection)?;
        return Ok(());
    };
    let Some(picture) = logo.picture() else {
        let stored: Option<String> = own
            .select(company_logos::digest)
            .first(change.connection)
            .optional()?;
        return match stored {
            Some(stored) if stored == logo.digest() => Ok(()),
            _ => Err(Error::Impossible("a logo came without its picture".to_owned())),
        };
    };
    let row = (
        company_logos::company_id.eq(change.company.as_str()),
        company_logos::digest.eq(logo.digest()),
        company_logos::picture.eq(picture),
    );
    diesel::insert_into(company_logos::table)
        .values(row)
        .on_conflict(company_logos::company_id)
        .do_update()
        .set((
            company_logos::digest.eq(logo.digest()),
            company_logos::picture.eq(picture),
        ))
        .execute(change.connection)?;
    Ok(())
}
