//! What the people of the company are told.

use std::time::Duration;

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SqliteConnection,
    dsl::{exists, max},
};
use onboarding_core::{
    Audience, CompanyId, NewNotice, Notice, NoticeId, NoticeKind, Timestamp,
    ports::{NoticeFilter, Notices, StoreError},
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
        filter: NoticeFilter,
        limit: u32,
    ) -> Result<Vec<Notice>, StoreError> {
        let company = company.clone();
        self.read("read the notices", move |connection| {
            list(connection, &company, filter, limit)
        })
        .await
    }

    async fn see(
        &self,
        company: &CompanyId,
        audience: Audience,
        notice: NoticeId,
        now: Timestamp,
    ) -> Result<Option<Notice>, StoreError> {
        let company = company.clone();
        self.write("mark the notice as seen", move |connection| {
            see(connection, &company, audience, notice.into(), now)
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
        .load(connection)?;
    rows.into_iter().map(|row| read(row, filter.audience)).collect()
}

fn see(
    connection: &mut SqliteConnection,
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
        .execute(connection)?;
    let row: Option<Row> = theirs.select(COLUMNS).first(connection).optional()?;
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
