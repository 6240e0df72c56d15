//! Official accounts.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SqliteConnection};
use onboarding_core::{CompanyId, OfficialAccount, PhoneNumber};

use crate::{
    error::{BadRow, Error, Place},
    key::Key,
    schema::official_accounts,
};

/// An account in its columns: id, phone number, id and account at WhatsApp, since when it is retired.
type AccountRow = (Key, String, String, String, Option<i64>);

const COLUMNS: (
    official_accounts::account_id,
    official_accounts::phone_number,
    official_accounts::phone_number_id,
    official_accounts::waba_id,
    official_accounts::retired_at,
) = (
    official_accounts::account_id,
    official_accounts::phone_number,
    official_accounts::phone_number_id,
    official_accounts::waba_id,
    official_accounts::retired_at,
);

/// Every account that is in use, in order of the numbers.
pub(super) fn load(
    connection: &mut SqliteConnection,
    company: &CompanyId,
) -> Result<Vec<OfficialAccount>, Error> {
    let rows: Vec<AccountRow> = official_accounts::table
        .filter(official_accounts::company_id.eq(company.as_str()))
        .filter(official_accounts::removed_at.is_null())
        .order(official_accounts::phone_number)
        .select(COLUMNS)
        .load(connection)?;
    Ok(rows.into_iter().map(account).collect::<Result<_, _>>()?)
}

/// The account, if it is in use.
pub(crate) fn in_use(
    connection: &mut SqliteConnection,
    company: &str,
    id: Key,
) -> Result<Option<OfficialAccount>, Error> {
    let row: Option<AccountRow> = official_accounts::table
        .find((company, id))
        .filter(official_accounts::removed_at.is_null())
        .select(COLUMNS)
        .first(connection)
        .optional()?;
    Ok(row.map(account).transpose()?)
}

/// Reads an account.
fn account(row: AccountRow) -> Result<OfficialAccount, BadRow> {
    let (id, phone_number, phone_number_id, waba_id, retired_at) = row;
    let place = Place {
        table: "official_accounts",
        row: &id,
    };
    Ok(OfficialAccount {
        id: id.into(),
        phone_number: place.read("phone_number", PhoneNumber::parse(&phone_number))?,
        phone_number_id,
        waba_id,
        retired: retired_at.is_some(),
    })
}
