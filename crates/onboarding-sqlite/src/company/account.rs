//! Official accounts.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SqliteConnection};
use onboarding_core::{CompanyId, OfficialAccount, PhoneNumber};

use crate::{
    error::{Error, Place},
    key::Key,
    schema::official_accounts,
};

/// Every account that is in use, in order of the numbers.
pub(super) fn load(
    connection: &mut SqliteConnection,
    company: &CompanyId,
) -> Result<Vec<OfficialAccount>, Error> {
    let rows: Vec<(Key, String, String, String, Option<i64>)> = official_accounts::table
        .filter(official_accounts::company_id.eq(company.as_str()))
        .filter(official_accounts::removed_at.is_null())
        .order(official_accounts::phone_number)
        .select((
            official_accounts::account_id,
            official_accounts::phone_number,
            official_accounts::phone_number_id,
            official_accounts::waba_id,
            official_accounts::retired_at,
        ))
        .load(connection)?;
    let mut accounts = Vec::with_capacity(rows.len());
    for (id, phone_number, phone_number_id, waba_id, retired_at) in rows {
        let place = Place {
            table: "official_accounts",
            row: &id,
        };
        accounts.push(OfficialAccount {
            id: id.into(),
            phone_number: place.read("phone_number", PhoneNumber::parse(&phone_number))?,
            phone_number_id,
            waba_id,
            retired: retired_at.is_some(),
        });
    }
    Ok(accounts)
}
