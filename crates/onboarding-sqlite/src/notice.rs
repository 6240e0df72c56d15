//! What the people of the company are told.

use std::time::Duration;

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl, SqliteConnection,
    dsl::{exists, max},
};
use onboarding_core::{
    Audience, CompanyId, NewNotice, Notice, NoticeId, NoticeKind, Timestamp,
    ports::{Notices, StoreError},
};

use crate::{
    SqliteStore,
    error::{Error, Place},
    key::Key,
    schema::notices,
};

#[async_trait]
impl Notices for SqliteStore {
    async fn tell(
        &self,
        company: &CompanyId,
        notices: Vec<NewNotice>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let company = company.clone();
        self.write("write the notices", move |connection| {
            tell(connection, &company, &notices, now)
        })
        .await
    }

    async fn notices(
        &self,
        company: &CompanyId,
        audience: Audience,
        limit: u32,
    ) -> Result<Vec<Notice>, StoreError> {
        let company = company.clone();
        self.read("read the notices", move |connection| {
            list(connection, &company, audience, limit)
        })
        .await
    }

    async fn see(&self, company: &CompanyId, notice: NoticeId, now: Timestamp) -> Result<bool, StoreError> {
        let company = company.clone();
        self.write("mark the notice as seen", move |connection| {
            see(connection, &company, notice.into(), now)
        })
        .await
    }
}

/// A notice is not repeated within this time, though it was seen.
const NOTICE_PAUSE: Duration = Duration::from_hours(24);

fn audience_key(audience: Audience) -> Key {
    match audience {
        Audience::User(user) => user.into(),
        Audience::Admins => Key::NONE,
    }
}

/// Writes the notices that were not written a moment ago and are not unseen.
pub(crate) fn tell(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    notices: &[NewNotice],
    now: Timestamp,
) -> Result<(), Error> {
    for notice in notices {
        let audience = audience_key(notice.audience);
        let same = notices::table
            .filter(notices::company_id.eq(company.as_str()))
            .filter(notices::audience_id.eq(audience))
            .filter(notices::kind.eq(notice.kind.as_str()))
            .filter(notices::subject.eq(&notice.subject))
            .filter(
                notices::seen_at
                    .is_null()
                    .or(notices::at.gt((now - NOTICE_PAUSE).as_micros())),
            );
        if diesel::select(exists(same)).get_result::<bool>(connection)? {
            continue;
        }
        let last: Option<i64> = notices::table
            .filter(notices::company_id.eq(company.as_str()))
            .select(max(notices::place))
            .first(connection)?;
        diesel::insert_into(notices::table)
            .values((
                notices::company_id.eq(company.as_str()),
                notices::notice_id.eq(Key::from(notice.id)),
                notices::place.eq(last.unwrap_or(0) + 1),
                notices::audience_id.eq(audience),
                notices::kind.eq(notice.kind.as_str()),
                notices::subject.eq(&notice.subject),
                notices::text.eq(&notice.text),
                notices::at.eq(now.as_micros()),
            ))
            .on_conflict_do_nothing()
            .execute(connection)?;
    }
    Ok(())
}

fn list(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    audience: Audience,
    limit: u32,
) -> Result<Vec<Notice>, Error> {
    let rows: Vec<(Key, String, String, String, i64, Option<i64>)> = notices::table
        .filter(notices::company_id.eq(company.as_str()))
        .filter(notices::audience_id.eq(audience_key(audience)))
        .order(notices::place.desc())
        .limit(limit.into())
        .select((
            notices::notice_id,
            notices::kind,
            notices::subject,
            notices::text,
            notices::at,
            notices::seen_at,
        ))
        .load(connection)?;
    let mut found = Vec::with_capacity(rows.len());
    for (id, kind, subject, text, at, seen_at) in rows {
        let place = Place {
            table: "notices",
            row: &id,
        };
        let notice = NewNotice {
            id: id.into(),
            audience,
            kind: place.read("kind", NoticeKind::from_name(&kind))?,
            subject,
            text,
        };
        found.push(Notice {
            notice,
            at: Timestamp::from_micros(at),
            seen_at: seen_at.map(Timestamp::from_micros),
        });
    }
    Ok(found)
}

fn see(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    notice: Key,
    now: Timestamp,
) -> Result<bool, Error> {
    let seen = diesel::update(notices::table.find((company.as_str(), notice)))
        .filter(notices::seen_at.is_null())
        .set(notices::seen_at.eq(now.as_micros()))
        .execute(connection)?;
    Ok(seen == 1)
}
