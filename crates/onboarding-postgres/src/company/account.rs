//! Official accounts.

use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{CompanyId, OfficialAccount, PhoneNumber};

use crate::{
    error::{BadRow, Error, Place},
    key::Key,
    schema::official_accounts,
};

/// An account in its columns: id, phone number, id and account at WhatsApp, since when it is retired.
pub(crate) type AccountRow = (Key, String, String, String, Option<i64>);

/// Every account that is in use, in order of the numbers.
pub(super) async fn load(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
) -> Result<Vec<OfficialAccount>, Error> {
    let rows: Vec<AccountRow> = official_accounts::table
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
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(account).collect::<Result<_, _>>()?)
}

/// Reads an account.
pub(crate) fn account(row: AccountRow) -> Result<OfficialAccount, BadRow> {
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
