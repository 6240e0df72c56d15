//! Prospects: contacts that wait.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper,
    SqliteConnection, sqlite::Sqlite,
};
use onboarding_core::{
    Actor, CompanyId, NewProspect, Prospect, ProspectChange, ProspectId, ProspectState, Timestamp,
    WaitingProspect, WaitsFor,
    ports::{ProspectFilter, Prospects, StoreError},
};

use crate::{
    SqliteStore,
    error::{BadRow, Error, Place},
    key::Key,
    schema::{prospects, users},
};

#[async_trait]
impl Prospects for SqliteStore {
    async fn prospect(
        &self,
        company: &CompanyId,
        prospect: ProspectId,
    ) -> Result<Option<Prospect>, StoreError> {
        let company = company.clone();
        self.read("look for the prospect", move |connection| {
            find(connection, &company, prospect.into())
        })
        .await
    }

    async fn prospects(
        &self,
        company: &CompanyId,
        filter: ProspectFilter,
        limit: u32,
    ) -> Result<Vec<Prospect>, StoreError> {
        let company = company.clone();
        self.read("list the prospects", move |connection| {
            list(connection, &company, filter, limit)
        })
        .await
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = prospects, check_for_backend(Sqlite))]
struct ProspectRow {
    prospect_id: Key,
    user_id: Key,
    identity_id: Key,
    primary_id: Key,
    text: String,
    waits_for: String,
    state: String,
    created_at: i64,
    ended_at: Option<i64>,
    ended_by: Option<String>,
    room_id: Option<Key>,
}

impl ProspectRow {
    fn prospect(self) -> Result<Prospect, BadRow> {
        let place = Place {
            table: "prospects",
            row: &self.prospect_id,
        };
        let ended_by = self.ended_by.map(|by| place.read("ended_by", Actor::parse(&by)));
        Ok(Prospect {
            id: self.prospect_id.into(),
            user: self.user_id.into(),
            identity: self.identity_id.into(),
            primary: self.primary_id.into(),
            text: self.text,
            waits_for: place.read("waits_for", WaitsFor::from_name(&self.waits_for))?,
            state: place.read("state", ProspectState::from_name(&self.state))?,
            created_at: Timestamp::from_micros(self.created_at),
            ended_at: self.ended_at.map(Timestamp::from_micros),
            ended_by: ended_by.transpose()?,
            room: self.room_id.map(Into::into),
        })
    }
}

fn find(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    prospect: Key,
) -> Result<Option<Prospect>, Error> {
    let row: Option<ProspectRow> = prospects::table
        .find((company.as_str(), prospect))
        .select(ProspectRow::as_select())
        .first(connection)
        .optional()?;
    Ok(row.map(ProspectRow::prospect).transpose()?)
}

fn list(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    filter: ProspectFilter,
    limit: u32,
) -> Result<Vec<Prospect>, Error> {
    let mut wanted = prospects::table
        .filter(prospects::company_id.eq(company.as_str()))
        .into_boxed();
    if filter.waiting {
        wanted = wanted.filter(prospects::ended_at.is_null());
    }
    if let Some(what) = filter.waits_for {
        wanted = wanted.filter(prospects::waits_for.eq(what.as_str()));
    }
    if let Some(user) = filter.user {
        wanted = wanted.filter(prospects::user_id.eq(Key::from(user)));
    }
    if filter.of_leavers {
        let leavers = users::table
            .filter(users::company_id.eq(company.as_str()))
            .filter(users::deactivated_at.is_not_null())
            .select(users::user_id);
        wanted = wanted.filter(prospects::user_id.eq_any(leavers));
    }
    if let Some(at) = filter.created_before {
        wanted = wanted.filter(prospects::created_at.lt(at.as_micros()));
    }
    if let Some(after) = filter.after {
        wanted = wanted.filter(prospects::prospect_id.gt(Key::from(after)));
    }
    let rows: Vec<ProspectRow> = wanted
        .order(prospects::prospect_id)
        .limit(limit.into())
        .select(ProspectRow::as_select())
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(ProspectRow::prospect)
        .collect::<Result<_, _>>()?)
}

/// The prospects by which a client waits, the longest waiting first.
pub(crate) fn waiting(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    identity: Key,
) -> Result<Vec<WaitingProspect>, Error> {
    let rows: Vec<(Key, Key, String)> = prospects::table
        .filter(prospects::company_id.eq(company.as_str()))
        .filter(prospects::identity_id.eq(identity))
        .filter(prospects::ended_at.is_null())
        .order((prospects::created_at, prospects::prospect_id))
        .select((prospects::prospect_id, prospects::user_id, prospects::waits_for))
        .load(connection)?;
    let wait = |(id, user, waits_for): (Key, Key, String)| {
        let place = Place {
            table: "prospects",
            row: &id,
        };
        Ok(WaitingProspect {
            id: id.into(),
            user: user.into(),
            waits_for: place.read("waits_for", WaitsFor::from_name(&waits_for))?,
        })
    };
    rows.into_iter().map(wait).collect()
}

/// Lets a contact wait; `false` when it waits for this user already.
pub(crate) fn wait(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    prospect: &NewProspect,
    now: Timestamp,
) -> Result<bool, Error> {
    let inserted = diesel::insert_into(prospects::table)
        .values((
            prospects::company_id.eq(company.as_str()),
            prospects::prospect_id.eq(Key::from(prospect.id)),
            prospects::user_id.eq(Key::from(prospect.user)),
            prospects::identity_id.eq(Key::from(prospect.identity)),
            prospects::primary_id.eq(Key::from(prospect.primary)),
            prospects::text.eq(&prospect.text),
            prospects::waits_for.eq(prospect.waits_for.as_str()),
            prospects::state.eq(ProspectState::Waiting.as_str()),
            prospects::created_at.eq(now.as_micros()),
        ))
        .on_conflict_do_nothing()
        .execute(connection)?;
    Ok(inserted == 1)
}

/// Changes a prospect that waits; `false` when it does not.
pub(crate) fn change(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    change: ProspectChange,
    now: Timestamp,
) -> Result<bool, Error> {
    let id = Key::from(change.prospect());
    let waiting =
        diesel::update(prospects::table.find((company.as_str(), id))).filter(prospects::ended_at.is_null());
    let changed = match change {
        ProspectChange::Ends { state, by, room, .. } => waiting
            .set((
                prospects::state.eq(state.as_str()),
                prospects::ended_at.eq(now.as_micros()),
                prospects::ended_by.eq(by.to_string()),
                prospects::room_id.eq(room.map(Key::from)),
            ))
            .execute(connection)?,
        ProspectChange::WaitsForNumber { .. } => waiting
            .set((
                prospects::waits_for.eq(WaitsFor::Number.as_str()),
                prospects::created_at.eq(now.as_micros()),
            ))
            .execute(connection)?,
    };
    Ok(changed == 1)
}
