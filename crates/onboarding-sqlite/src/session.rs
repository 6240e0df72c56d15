//! Sessions of people in a browser.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper,
    prelude::Insertable, sqlite::Sqlite,
};
use onboarding_core::{
    CompanyId, Role, Timestamp, User, UserId,
    access::{SecretHash, Session, SignInMeans},
    audit::NewAuditEntry,
    ports::{Sessions, StoreError},
};

use crate::{
    SqliteStore,
    api_token::hash,
    audit,
    error::{BadRow, Error, Place, exactly_one},
    key::Key,
    schema::sessions,
    user,
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, check_for_backend(Sqlite))]
struct SessionRow {
    company_id: String,
    session_hash: Vec<u8>,
    user_id: Key,
    roles: String,
    means: String,
    second_factor: bool,
    signed_in_at: i64,
    used_at: i64,
}

impl SessionRow {
    fn of(session: &Session) -> Result<Self, Error> {
        let roles: Vec<_> = session.roles.iter().copied().map(Role::as_str).collect();
        Ok(Self {
            company_id: session.company.as_str().to_owned(),
            session_hash: session.key.as_bytes().to_vec(),
            user_id: session.user.into(),
            roles: serde_json::to_string(&roles)?,
            means: session.means.as_str().to_owned(),
            second_factor: session.second_factor,
            signed_in_at: session.signed_in_at.as_micros(),
            used_at: session.used_at.as_micros(),
        })
    }

    fn session(self) -> Result<Session, BadRow> {
        let place = Place {
            table: "sessions",
            row: &self.user_id,
        };
        Ok(Session {
            key: place.read("session_hash", hash(self.session_hash))?,
            company: place.read("company_id", CompanyId::parse(&self.company_id))?,
            roles: place.read("roles", user::roles(&self.roles))?,
            means: place.read("means", SignInMeans::from_name(&self.means))?,
            second_factor: self.second_factor,
            signed_in_at: Timestamp::from_micros(self.signed_in_at),
            used_at: Timestamp::from_micros(self.used_at),
            user: self.user_id.into(),
        })
    }
}

#[async_trait]
impl Sessions for SqliteStore {
    async fn open_session(
        &self,
        session: Session,
        told: NewAuditEntry,
        forget_before: Timestamp,
    ) -> Result<(), StoreError> {
        self.write("open the session", move |connection| {
            diesel::delete(sessions::table)
                .filter(sessions::company_id.eq(session.company.as_str()))
                .filter(sessions::signed_in_at.lt(forget_before.as_micros()))
                .execute(connection)?;
            let row = SessionRow::of(&session)?;
            let rows = diesel::insert_into(sessions::table)
                .values(row)
                .execute(connection)?;
            exactly_one(rows, "a new session")?;
            audit::append(connection, &session.company, &[told])
        })
        .await
    }

    async fn session(&self, key: SecretHash) -> Result<Option<(Session, User)>, StoreError> {
        self.read("look up the session", move |connection| {
            let row: Option<SessionRow> = sessions::table
                .filter(sessions::session_hash.eq(&key.as_bytes()[..]))
                .select(SessionRow::as_select())
                .first(connection)
                .optional()?;
            let Some(session) = row.map(SessionRow::session).transpose()? else {
                return Ok(None);
            };
            let user = user::find(connection, &session.company, session.user)?;
            Ok(user.map(|user| (session, user)))
        })
        .await
    }

    async fn session_used(
        &self,
        company: &CompanyId,
        key: SecretHash,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let company = company.clone();
        self.write("note the use of the session", move |connection| {
            diesel::update(sessions::table.find((company.as_str(), &key.as_bytes()[..])))
                .filter(sessions::used_at.lt(now.as_micros()))
                .set(sessions::used_at.eq(now.as_micros()))
                .execute(connection)?;
            Ok(())
        })
        .await
    }

    async fn end_session(
        &self,
        company: &CompanyId,
        key: SecretHash,
        told: NewAuditEntry,
    ) -> Result<(), StoreError> {
        let company = company.clone();
        self.write("end the session", move |connection| {
            let session = sessions::table.find((company.as_str(), &key.as_bytes()[..]));
            if diesel::delete(session).execute(connection)? > 0 {
                audit::append(connection, &company, &[told])?;
            }
            Ok(())
        })
        .await
    }

    async fn end_sessions_of(
        &self,
        company: &CompanyId,
        user: UserId,
        told: NewAuditEntry,
    ) -> Result<u64, StoreError> {
        let company = company.clone();
        self.write("end the sessions", move |connection| {
            let ended = diesel::delete(sessions::table)
                .filter(sessions::company_id.eq(company.as_str()))
                .filter(sessions::user_id.eq(Key::from(user)))
                .execute(connection)?;
            if ended > 0 {
                audit::append(connection, &company, &[told])?;
            }
            Ok(u64::try_from(ended).unwrap_or(u64::MAX))
        })
        .await
    }
}
