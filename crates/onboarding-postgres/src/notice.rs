//! What the people of the company are told.

use std::time::Duration;

use async_trait::async_trait;
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, dsl::exists};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    Audience, CompanyId, NewNotice, Notice, NoticeId, NoticeKind, Timestamp,
    ports::{NoticeFilter, Notices, StoreError},
};

use crate::{
    PostgresStore,
    error::{Error, Place},
    key::Key,
    schema::notices,
    text::clean,
    transaction::{Scope, transaction},
};

#[async_trait]
impl Notices for PostgresStore {
    async fn tell(
        &self,
        company: &CompanyId,
        notices: Vec<NewNotice>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut attempts = self.write("write the notices", Scope::Company(company));
        let notices = &notices;
        transaction!(attempts, |connection| tell(connection, company, notices, now))
    }

    async fn notices(
        &self,
        company: &CompanyId,
        filter: NoticeFilter,
        limit: u32,
    ) -> Result<Vec<Notice>, StoreError> {
        let mut attempts = self.read("read the notices", Scope::Company(company));
        transaction!(attempts, |connection| list(connection, company, filter, limit))
    }

    async fn see(
        &self,
        company: &CompanyId,
        audience: Audience,
        notice: NoticeId,
        now: Timestamp,
    ) -> Result<Option<Notice>, StoreError> {
        let mut attempts = self.write("mark the notice as seen", Scope::Company(company));
        transaction!(attempts, |connection| see(
            connection,
            company,
            audience,
            notice.into(),
            now
        ))
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
pub(crate) async fn tell(
    connection: &mut AsyncPgConnection,
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
        if diesel::select(exists(same))
            .get_result::<bool>(connection)
            .await?
        {
            continue;
        }
        diesel::insert_into(notices::table)
            .values((
                notices::company_id.eq(company.as_str()),
                notices::notice_id.eq(Key::from(notice.id)),
                notices::audience_id.eq(audience),
                notices::kind.eq(notice.kind.as_str()),
                notices::subject.eq(&notice.subject),
                notices::text.eq(clean(&notice.text)),
                notices::at.eq(now.as_micros()),
            ))
            .on_conflict_do_nothing()
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn list(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    filter: NoticeFilter,
    limit: u32,
) -> Result<Vec<Notice>, Error> {
    let mut theirs = notices::table
        .filter(notices::company_id.eq(company.as_str()))
        .filter(notices::audience_id.eq(audience_key(filter.audience)))
        .into_boxed();
    if filter.unseen {
        theirs = theirs.filter(notices::seen_at.is_null());
    }
    if let Some(after) = filter.after {
        let place: Option<i64> = notices::table
            .find((company.as_str(), Key::from(after)))
            .select(notices::place)
            .first(connection)
            .await
            .optional()?;
        let Some(place) = place else {
            return Ok(Vec::new());
        };
        theirs = theirs.filter(notices::place.lt(place));
    }
    let rows: Vec<Row> = theirs
        .order(notices::place.desc())
        .limit(limit.into())
        .select(COLUMNS)
        .load(connection)
        .await?;
    rows.into_iter().map(|row| read(row, filter.audience)).collect()
}

async fn see(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    audience: Audience,
    notice: Key,
    now: Timestamp,
) -> Result<Option<Notice>, Error> {
    let theirs = notices::table
        .find((company.as_str(), notice))
        .filter(notices::audience_id.eq(audience_key(audience)));
    diesel::update(theirs)
        .filter(notices::seen_at.is_null())
        .set(notices::seen_at.eq(now.as_micros()))
        .execute(connection)
        .await?;
    let row: Option<Row> = theirs.select(COLUMNS).first(connection).await.optional()?;
    row.map(|row| read(row, audience)).transpose()
}

/// Id, kind, subject, text, when it was written, when it was seen.
type Row = (Key, String, String, String, i64, Option<i64>);

const COLUMNS: (
    notices::notice_id,
    notices::kind,
    notices::subject,
    notices::text,
    notices::at,
    notices::seen_at,
) = (
    notices::notice_id,
    notices::kind,
    notices::subject,
    notices::text,
    notices::at,
    notices::seen_at,
);

fn read((id, kind, subject, text, at, seen_at): Row, audience: Audience) -> Result<Notice, Error> {
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
    Ok(Notice {
        notice,
        at: Timestamp::from_micros(at),
        seen_at: seen_at.map(Timestamp::from_micros),
    })
}
