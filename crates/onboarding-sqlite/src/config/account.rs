//! WhatsApp numbers. One out of use stays in its table, because the record refers to it.

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use onboarding_core::{
    OfficialAccountId, PhoneNumber,
    config::{ConfigChange, OfficialAccountConfig},
};

use super::apply::Change;
use crate::{
    error::{Error, exactly_one},
    key::Key,
    schema::{official_accounts, pool_members},
};

/// The first number of the changes that another company of the installation uses.
pub(super) fn owned_by_another<'a>(
    change: &mut Change<'_>,
    changes: &'a [ConfigChange],
) -> Result<Option<&'a PhoneNumber>, Error> {
    for one in changes {
        let ConfigChange::PutOfficialAccount { account, .. } = one else {
            continue;
        };
        let same_number = official_accounts::phone_number
            .eq(account.phone_number.as_str())
            .or(official_accounts::phone_number_id.eq(&account.phone_number_id));
        let elsewhere = official_accounts::table
            .filter(official_accounts::company_id.ne(change.company.as_str()))
            .filter(official_accounts::removed_at.is_null())
            .filter(same_number);
        if diesel::select(diesel::dsl::exists(elsewhere)).get_result(change.connection)? {
            return Ok(Some(&account.phone_number));
        }
    }
    Ok(None)
}

/// Puts the account out of use and out of its pool.
pub(super) fn remove(change: &mut Change<'_>, number: &PhoneNumber) -> Result<(), Error> {
    exactly_one(release(change, number)?, "put the account out of use")?;
    let removed: Key = official_accounts::table
        .filter(official_accounts::company_id.eq(change.company.as_str()))
        .filter(official_accounts::phone_number.eq(number.as_str()))
        .select(official_accounts::account_id)
        .first(change.connection)?;
    diesel::delete(pool_members::table.find((change.company.as_str(), removed)))
        .execute(change.connection)?;
    Ok(())
}

/// Out of use, until it is put again: lets its number id go. Gives the number of accounts.
pub(super) fn release(change: &mut Change<'_>, number: &PhoneNumber) -> Result<usize, Error> {
    let released = diesel::update(official_accounts::table)
        .filter(official_accounts::company_id.eq(change.company.as_str()))
        .filter(official_accounts::phone_number.eq(number.as_str()))
        .set(official_accounts::removed_at.eq(change.now.as_micros()))
        .execute(change.connection)?;
    Ok(released)
}

/// Gives an account that is in use up, or takes it up again.
pub(super) fn retire(change: &mut Change<'_>, number: &PhoneNumber, retired: bool) -> Result<(), Error> {
    let at = retired.then_some(change.now.as_micros());
    let met = diesel::update(official_accounts::table)
        .filter(official_accounts::company_id.eq(change.company.as_str()))
        .filter(official_accounts::phone_number.eq(number.as_str()))
        .filter(official_accounts::removed_at.is_null())
        .set(official_accounts::retired_at.eq(at))
        .execute(change.connection)?;
    exactly_one(met, "retire the account")
}

/// Creates or changes the account and puts it to use.
pub(super) fn put(
    change: &mut Change<'_>,
    new_id: OfficialAccountId,
    account: &OfficialAccountConfig,
) -> Result<(), Error> {
    let set = (
        official_accounts::phone_number_id.eq(&account.phone_number_id),
        official_accounts::waba_id.eq(&account.waba_id),
        official_accounts::removed_at.eq(None::<i64>),
    );
    diesel::insert_into(official_accounts::table)
        .values((
            official_accounts::company_id.eq(change.company.as_str()),
            official_accounts::account_id.eq(Key::from(new_id)),
            official_accounts::phone_number.eq(account.phone_number.as_str()),
            set,
        ))
        .on_conflict((official_accounts::company_id, official_accounts::phone_number))
        .do_update()
        .set(set)
        .execute(change.connection)?;
    Ok(())
}
