//! Passwords and second factors of people, and the links that set them up.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, PgExpressionMethods, QueryDsl, Queryable, Selectable,
    SelectableHelper,
    pg::Pg,
    prelude::{AsChangeset, Insertable},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    CompanyId, Timestamp, User, UserId,
    access::{LocalAccount, PasswordHash, SecretHash, SetUpLink, TotpSecret, Tries},
    audit::NewAuditEntry,
    ports::{LocalAccounts, StoreError},
};

use crate::{
    PostgresStore,
    api_token::hash,
    audit,
    error::{BadRow, Error, Place},
    key::Key,
    schema::{local_accounts, sessions, set_up_links},
    transaction::{Scope, transaction},
    user,
};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = local_accounts, treat_none_as_null = true, check_for_backend(Pg))]
struct AccountRow {
    company_id: String,
    user_id: Key,
    password: String,
    totp: Option<Vec<u8>>,
    failures: i64,
    failed_at: Option<i64>,
    code_step: i64,
}

impl AccountRow {
    fn of(account: &LocalAccount) -> Self {
        Self {
            company_id: account.company.as_str().to_owned(),
            user_id: account.user.into(),
            password: account.password.as_text().to_owned(),
            totp: account.totp.map(|secret| secret.as_bytes().to_vec()),
            failures: i64::from(account.tries.failures),
            failed_at: account.tries.failed_at.map(Timestamp::as_micros),
            code_step: step(account.tries),
        }
    }

    fn account(self) -> Result<LocalAccount, BadRow> {
        let place = Place {
            table: "local_accounts",
            row: &self.user_id,
        };
        let totp = self.totp.map(|bytes| <[u8; 20]>::try_from(bytes).ok());
        let totp = totp.map(|bytes| place.read("totp", bytes)).transpose()?;
        Ok(LocalAccount {
            company: place.read("company_id", CompanyId::parse(&self.company_id))?,
            password: PasswordHash::from_text(self.password),
            totp: totp.map(TotpSecret::from_bytes),
            tries: Tries {
                failures: place.read("failures", u32::try_from(self.failures))?,
                failed_at: self.failed_at.map(Timestamp::from_micros),
                code_step: place.read("code_step", u64::try_from(self.code_step))?,
            },
            user: self.user_id.into(),
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = set_up_links, check_for_backend(Pg))]
struct LinkRow {
    company_id: String,
    user_id: Key,
    link_hash: Vec<u8>,
    expires_at: i64,
}

impl LinkRow {
    fn of(link: &SetUpLink) -> Self {
        Self {
            company_id: link.company.as_str().to_owned(),
            user_id: link.user.into(),
            link_hash: link.key.as_bytes().to_vec(),
            expires_at: link.expires_at.as_micros(),
        }
    }

    fn link(self) -> Result<SetUpLink, BadRow> {
        let place = Place {
            table: "set_up_links",
            row: &self.user_id,
        };
        Ok(SetUpLink {
            key: place.read("link_hash", hash(self.link_hash))?,
            company: place.read("company_id", CompanyId::parse(&self.company_id))?,
            expires_at: Timestamp::from_micros(self.expires_at),
            user: self.user_id.into(),
        })
    }
}

/// Steps of 30 seconds since 1970 fit for longer than anybody computes codes.
fn step(tries: Tries) -> i64 {
    i64::try_from(tries.code_step).unwrap_or(i64::MAX)
}

#[async_trait]
impl LocalAccounts for PostgresStore {
    async fn keep_link(
        &self,
        link: SetUpLink,
        told: NewAuditEntry,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut attempts = self.write("keep the link", Scope::Company(&link.company));
        transaction!(attempts, |connection| keep(connection, &link, &told, now))
    }

    async fn link(&self, key: SecretHash) -> Result<Option<(SetUpLink, User)>, StoreError> {
        let mut attempts = self.read("look up the link", Scope::Installation);
        transaction!(attempts, |connection| find(connection, key))
    }

    async fn set_up_account(
        &self,
        link: SecretHash,
        account: LocalAccount,
        told: NewAuditEntry,
    ) -> Result<bool, StoreError> {
        let mut attempts = self.write("set the account up", Scope::Company(&account.company));
        transaction!(attempts, |connection| set_up(connection, link, &account, &told))
    }

    async fn local_account(
        &self,
        company: &CompanyId,
        user: UserId,
    ) -> Result<Option<LocalAccount>, StoreError> {
        let mut attempts = self.read("look up the account", Scope::Company(company));
        transaction!(attempts, |connection| account_of(connection, company, user))
    }

    async fn note_try(
        &self,
        company: &CompanyId,
        user: UserId,
        seen: Tries,
        now: Tries,
        told: Option<NewAuditEntry>,
    ) -> Result<bool, StoreError> {
        let mut attempts = self.write("note the try", Scope::Company(company));
        transaction!(attempts, |connection| note(
            connection,
            company,
            user,
            [seen, now],
            told.as_slice()
        ))
    }
}

async fn keep(
    connection: &mut AsyncPgConnection,
    link: &SetUpLink,
    told: &NewAuditEntry,
    now: Timestamp,
) -> Result<(), Error> {
    diesel::delete(set_up_links::table)
        .filter(set_up_links::company_id.eq(link.company.as_str()))
        .filter(set_up_links::expires_at.lt(now.as_micros()))
        .execute(connection)
        .await?;
    let row = LinkRow::of(link);
    diesel::insert_into(set_up_links::table)
        .values(&row)
        .on_conflict((set_up_links::company_id, set_up_links::user_id))
        .do_update()
        .set(&row)
        .execute(connection)
        .await?;
    audit::append(connection, &link.company, std::slice::from_ref(told)).await
}

async fn find(
    connection: &mut AsyncPgConnection,
    key: SecretHash,
) -> Result<Option<(SetUpLink, User)>, Error> {
    let row: Option<LinkRow> = set_up_links::table
        .filter(set_up_links::link_hash.eq(&key.as_bytes()[..]))
        .select(LinkRow::as_select())
        .first(connection)
        .await
        .optional()?;
    let Some(link) = row.map(LinkRow::link).transpose()? else {
        return Ok(None);
    };
    let user = user::find(connection, &link.company, link.user).await?;
    Ok(user.map(|user| (link, user)))
}

async fn set_up(
    connection: &mut AsyncPgConnection,
    link: SecretHash,
    account: &LocalAccount,
    told: &NewAuditEntry,
) -> Result<bool, Error> {
    let used = diesel::delete(set_up_links::table.find((account.company.as_str(), Key::from(account.user))))
        .filter(set_up_links::link_hash.eq(&link.as_bytes()[..]))
        .execute(connection)
        .await?;
    if used == 0 {
        return Ok(false);
    }
    let row = AccountRow::of(account);
    diesel::insert_into(local_accounts::table)
        .values(&row)
        .on_conflict((local_accounts::company_id, local_accounts::user_id))
        .do_update()
        .set(&row)
        .execute(connection)
        .await?;
    diesel::delete(sessions::table)
        .filter(sessions::company_id.eq(account.company.as_str()))
        .filter(sessions::user_id.eq(Key::from(account.user)))
        .execute(connection)
        .await?;
    audit::append(connection, &account.company, std::slice::from_ref(told)).await?;
    Ok(true)
}

async fn account_of(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    user: UserId,
) -> Result<Option<LocalAccount>, Error> {
    let row: Option<AccountRow> = local_accounts::table
        .find((company.as_str(), Key::from(user)))
        .select(AccountRow::as_select())
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(AccountRow::account).transpose()?)
}

async fn note(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    user: UserId,
    [seen, now]: [Tries; 2],
    told: &[NewAuditEntry],
) -> Result<bool, Error> {
    let account = local_accounts::table.find((company.as_str(), Key::from(user)));
    let noted = diesel::update(account)
        .filter(local_accounts::failures.eq(i64::from(seen.failures)))
        .filter(local_accounts::failed_at.is_not_distinct_from(seen.failed_at.map(Timestamp::as_micros)))
        .filter(local_accounts::code_step.eq(step(seen)))
        .set((
            local_accounts::failures.eq(i64::from(now.failures)),
            local_accounts::failed_at.eq(now.failed_at.map(Timestamp::as_micros)),
            local_accounts::code_step.eq(step(now)),
        ))
        .execute(connection)
        .await?;
    if noted == 0 {
        return Ok(false);
    }
    audit::append(connection, company, told).await?;
    Ok(true)
}
