//! Whose a webhook is.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{CompanyId, ports::AccountOwner};

use crate::{
    error::{Error, Place},
    key::Key,
    schema::official_accounts,
    text::clean,
};

/// Which of the Graph API number ids are ours.
pub(super) async fn of_numbers(
    connection: &mut AsyncPgConnection,
    phone_number_ids: &[String],
) -> Result<BTreeMap<String, AccountOwner>, Error> {
    let ids: Vec<_> = phone_number_ids.iter().map(|id| clean(id)).collect();
    let rows: Vec<(String, String, Key)> = official_accounts::table
        .filter(official_accounts::phone_number_id.eq_any(ids))
        .filter(official_accounts::removed_at.is_null())
        .select((
            official_accounts::phone_number_id,
            official_accounts::company_id,
            official_accounts::account_id,
        ))
        .load(connection)
        .await?;
    let owner = |(id, company, account): (String, String, Key)| {
        let place = Place {
            table: "official_accounts",
            row: &account,
        };
        let company = place.read("company_id", CompanyId::parse(&company))?;
        Ok((
            id,
            AccountOwner {
                company,
                account: account.into(),
            },
        ))
    };
    rows.into_iter().map(owner).collect()
}

/// Which company has the WhatsApp Business Account.
pub(super) async fn of_waba(
    connection: &mut AsyncPgConnection,
    waba_id: &str,
) -> Result<Option<CompanyId>, Error> {
    let waba_id = clean(waba_id);
    let company: Option<String> = official_accounts::table
        .filter(official_accounts::waba_id.eq(waba_id.as_ref()))
        .filter(official_accounts::removed_at.is_null())
        .order(official_accounts::company_id)
        .select(official_accounts::company_id)
        .first(connection)
        .await
        .optional()?;
    let place = Place {
        table: "official_accounts",
        row: &waba_id,
    };
    let read = |id: String| place.read("company_id", CompanyId::parse(&id));
    Ok(company.map(read).transpose()?)
}
