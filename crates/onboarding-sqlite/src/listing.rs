//! Pages of the record.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    SqliteConnection,
    sql_types::{BigInt, Binary, Nullable, Text},
};
use onboarding_core::{
    CompanyId, OnboardingId, Timestamp,
    ports::{DeadLetter, Listings, OnboardingFilter, OnboardingRecord, RoomFilter, RoomView, StoreError},
};
use uuid::Uuid;

use crate::{
    SqliteStore,
    dead_letter::DeadRow,
    error::Error,
    key::Key,
    lifecycle::ViewRow,
    record::OnboardingRow,
    schema::{onboardings, rooms},
};

/// Of both queues of one company. The conditions are those of the partial indexes.
const DEAD: &str = "
    SELECT * FROM (
        SELECT company_id, inbox_id AS id, 'inbound' AS kind, arrival AS since, note AS reason, 0 AS code, attempts
        FROM inbox WHERE buried AND company_id = ?1
        UNION ALL
        SELECT company_id, outbox_id, 'outbound', queued_at, error_reason, error_code, attempts
        FROM outbox WHERE state = 'failed' AND company_id = ?1)
    WHERE (?2 IS NULL OR id = ?2) AND (?3 IS NULL OR (since, id) < (?3, ?4))
    ORDER BY since DESC, id DESC LIMIT ?5";

#[async_trait]
impl Listings for SqliteStore {
    async fn list_rooms(
        &self,
        company: &CompanyId,
        filter: RoomFilter,
        limit: u32,
    ) -> Result<Vec<RoomView>, StoreError> {
        let company = company.clone();
        self.read("list the rooms", move |connection| {
            rooms_page(connection, &company, filter, limit)
        })
        .await
    }

    async fn list_onboardings(
        &self,
        company: &CompanyId,
        filter: OnboardingFilter,
        limit: u32,
    ) -> Result<Vec<OnboardingRecord>, StoreError> {
        let company = company.clone();
        self.read("list the decisions", move |connection| {
            onboardings_page(connection, &company, filter, limit)
        })
        .await
    }

    async fn onboarding(
        &self,
        company: &CompanyId,
        id: OnboardingId,
    ) -> Result<Option<OnboardingRecord>, StoreError> {
        let company = company.clone();
        self.read("look for the decision", move |connection| {
            let row: Option<OnboardingRow> = onboardings::table
                .find((company.as_str(), Key::from(id)))
                .select(OnboardingRow::as_select())
                .first(connection)
                .optional()?;
            Ok(row.map(OnboardingRow::record).transpose()?)
        })
        .await
    }

    async fn list_dead_letters(
        &self,
        company: &CompanyId,
        after: Option<(Timestamp, Uuid)>,
        limit: u32,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        let company = company.clone();
        self.read("list the dead letters", move |connection| {
            dead_letters(connection, &company, None, after, limit.into())
        })
        .await
    }

    async fn dead_letter(&self, company: &CompanyId, id: Uuid) -> Result<Option<DeadLetter>, StoreError> {
        let company = company.clone();
        self.read("look for the dead letter", move |connection| {
            Ok(dead_letters(connection, &company, Some(id), None, 1)?.pop())
        })
        .await
    }
}

fn rooms_page(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    filter: RoomFilter,
    limit: u32,
) -> Result<Vec<RoomView>, Error> {
    let mut wanted = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .into_boxed();
    if let Some(user) = filter.user {
        wanted = wanted.filter(rooms::user_id.eq(Key::from(user)));
    }
    if filter.live {
        wanted = wanted.filter(rooms::closed_at.is_null());
    }
    if let Some((at, room)) = filter.after {
        let earlier = rooms::created_at.lt(at.as_micros());
        let same = rooms::created_at.eq(at.as_micros());
        wanted = wanted.filter(earlier.or(same.and(rooms::room_id.lt(Key::from(room)))));
    }
    let rows: Vec<ViewRow> = wanted
        .order((rooms::created_at.desc(), rooms::room_id.desc()))
        .limit(limit.into())
        .select(ViewRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(ViewRow::view).collect::<Result<_, _>>()?)
}

fn onboardings_page(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    filter: OnboardingFilter,
    limit: u32,
) -> Result<Vec<OnboardingRecord>, Error> {
    let mut wanted = onboardings::table
        .filter(onboardings::company_id.eq(company.as_str()))
        .into_boxed();
    if let Some(user) = filter.user {
        wanted = wanted.filter(onboardings::user_id.eq(Key::from(user)));
    }
    if let Some(after) = filter.after {
        let place: Option<i64> = onboardings::table
            .find((company.as_str(), Key::from(after)))
            .select(onboardings::place)
            .first(connection)
            .optional()?;
        let Some(place) = place else {
            return Ok(Vec::new());
        };
        wanted = wanted.filter(onboardings::place.lt(place));
    }
    let rows: Vec<OnboardingRow> = wanted
        .order(onboardings::place.desc())
        .limit(limit.into())
        .select(OnboardingRow::as_select())
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(OnboardingRow::record)
        .collect::<Result<_, _>>()?)
}

fn dead_letters(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    id: Option<Uuid>,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<DeadLetter>, Error> {
    let rows: Vec<DeadRow> = diesel::sql_query(DEAD)
        .bind::<Text, _>(company.as_str())
        .bind::<Nullable<Binary>, _>(id.map(Key::from))
        .bind::<Nullable<BigInt>, _>(after.map(|(since, _)| since.as_micros()))
        .bind::<Nullable<Binary>, _>(after.map(|(_, id)| Key::from(id)))
        .bind::<BigInt, _>(limit)
        .load(connection)?;
    Ok(rows.into_iter().map(DeadRow::letter).collect::<Result<_, _>>()?)
}
