//! The life of rooms, where no client's message is answered.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, Queryable, Selectable,
    SelectableHelper, dsl::exists, pg::Pg,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    Actor, ChatRoomId, Client, ClientIdentityId, ClientProfile, ClientProfileId, CloseReason, Closing,
    CompanyId, ExternalIdentity, OutboxState, RoomEnd, RoomState, Timestamp, User, UserId,
    ports::{RoomLife, RoomView, RoomsOf, StoreError},
};

use crate::{
    PostgresStore, client,
    error::{BadRow, Error, Place},
    key::Key,
    profile,
    room::RoomRow,
    schema::{official_accounts, outbox, pool_members, rooms, users},
    text::clean,
    transaction::{Scope, transaction},
    user, user_identity,
};

#[async_trait]
impl RoomLife for PostgresStore {
    async fn user(&self, company: &CompanyId, user: UserId) -> Result<Option<User>, StoreError> {
        let mut attempts = self.read("look for the user", Scope::Company(company));
        transaction!(attempts, |connection| user::find(connection, company, user))
    }

    async fn user_named(&self, company: &CompanyId, username: &str) -> Result<Option<User>, StoreError> {
        let mut attempts = self.read("look for the user", Scope::Company(company));
        transaction!(attempts, |connection| user::named(connection, company, username))
    }

    async fn user_known_as(
        &self,
        company: &CompanyId,
        identity: &ExternalIdentity,
    ) -> Result<Option<User>, StoreError> {
        let mut attempts = self.read("look for the user", Scope::Company(company));
        transaction!(attempts, |connection| user_identity::holder(
            connection, company, identity
        ))
    }

    async fn successor_of(&self, company: &CompanyId, user: UserId) -> Result<Option<UserId>, StoreError> {
        let mut attempts = self.read("look who goes on", Scope::Company(company));
        transaction!(attempts, |connection| user::successor_of(
            connection,
            company,
            user.into()
        ))
    }

    async fn client(
        &self,
        company: &CompanyId,
        identity: ClientIdentityId,
    ) -> Result<Option<Client>, StoreError> {
        let mut attempts = self.read("look for the client", Scope::Company(company));
        transaction!(attempts, |connection| client::find(
            connection,
            company,
            identity.into()
        ))
    }

    async fn profile(
        &self,
        company: &CompanyId,
        profile: ClientProfileId,
    ) -> Result<Option<ClientProfile>, StoreError> {
        let mut attempts = self.read("look for the profile", Scope::Company(company));
        transaction!(attempts, |connection| profile::find(
            connection,
            company,
            profile.into()
        ))
    }

    async fn room(&self, company: &CompanyId, room: ChatRoomId) -> Result<Option<RoomView>, StoreError> {
        let mut attempts = self.read("look for the room", Scope::Company(company));
        transaction!(attempts, |connection| find(connection, company, room.into()))
    }

    async fn rooms(
        &self,
        company: &CompanyId,
        which: RoomsOf,
        limit: u32,
    ) -> Result<Vec<RoomView>, StoreError> {
        let mut attempts = self.read("list the rooms", Scope::Company(company));
        transaction!(attempts, |connection| list(connection, company, which, limit))
    }
}

/// A room with how it ended, in its columns.
#[derive(Queryable, Selectable)]
#[diesel(table_name = rooms, check_for_backend(Pg))]
pub(crate) struct ViewRow {
    #[diesel(embed)]
    room: RoomRow,
    closed_by: Option<String>,
    close_reason: Option<String>,
    close_note: Option<String>,
    failure_reason: Option<String>,
}

impl ViewRow {
    pub(crate) fn view(self) -> Result<RoomView, BadRow> {
        let room = self.room.room()?;
        let place = Place {
            table: "rooms",
            row: &room.id,
        };
        let end = match (self.closed_by, self.close_reason) {
            (Some(by), Some(reason)) => Some(RoomEnd {
                by: place.read("closed_by", Actor::parse(&by))?,
                reason: place.read("close_reason", CloseReason::from_name(&reason))?,
                note: self.close_note,
            }),
            _ => None,
        };
        Ok(RoomView {
            end,
            failure: self.failure_reason,
            room,
        })
    }
}

async fn find(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    room: Key,
) -> Result<Option<RoomView>, Error> {
    let row: Option<ViewRow> = rooms::table
        .find((company.as_str(), room))
        .select(ViewRow::as_select())
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(ViewRow::view).transpose()?)
}

async fn list(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    which: RoomsOf,
    limit: u32,
) -> Result<Vec<RoomView>, Error> {
    let of_company = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .into_boxed();
    let live = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::closed_at.is_null())
        .into_boxed();
    let wanted = match which {
        RoomsOf::Anybody => of_company,
        RoomsOf::Live => live,
        RoomsOf::User(user) => live.filter(rooms::user_id.eq(Key::from(user))),
        RoomsOf::AllOfUser(user) => of_company.filter(rooms::user_id.eq(Key::from(user))),
        RoomsOf::Account(account) => live.filter(rooms::account_id.eq(Key::from(account))),
        RoomsOf::Client(identity) => live.filter(rooms::identity_id.eq(Key::from(identity))),
        RoomsOf::UnusedLinks(until) => live
            .filter(rooms::state.eq(RoomState::Invited.as_str()))
            .filter(rooms::link_until.le(until.as_micros())),
        RoomsOf::Leavers => {
            let a_live_room = rooms::table
                .filter(rooms::company_id.eq(users::company_id))
                .filter(rooms::user_id.eq(users::user_id))
                .filter(rooms::closed_at.is_null());
            let leavers: Vec<Key> = users::table
                .filter(users::company_id.eq(company.as_str()))
                .filter(users::deactivated_at.is_not_null())
                .filter(a_live_room.select(rooms::room_id).single_value().is_not_null())
                .select(users::user_id)
                .limit(limit.into())
                .load(connection)
                .await?;
            return unordered(connection, live.filter(rooms::user_id.eq_any(leavers)), limit).await;
        }
        RoomsOf::NumbersOutOfUse => {
            let same = official_accounts::company_id
                .eq(pool_members::company_id)
                .and(official_accounts::account_id.eq(pool_members::account_id));
            let in_use: Vec<Key> = pool_members::table
                .inner_join(official_accounts::table.on(same))
                .filter(pool_members::company_id.eq(company.as_str()))
                .filter(pool_members::role.eq("secondary"))
                .filter(official_accounts::retired_at.is_null())
                .filter(official_accounts::removed_at.is_null())
                .select(pool_members::account_id)
                .load(connection)
                .await?;
            let a_live_room = rooms::table
                .filter(rooms::company_id.eq(official_accounts::company_id))
                .filter(rooms::account_id.eq(official_accounts::account_id))
                .filter(rooms::closed_at.is_null());
            let out_of_use: Vec<Key> = official_accounts::table
                .filter(official_accounts::company_id.eq(company.as_str()))
                .filter(official_accounts::account_id.ne_all(in_use))
                .filter(a_live_room.select(rooms::room_id).single_value().is_not_null())
                .select(official_accounts::account_id)
                .load(connection)
                .await?;
            return unordered(
                connection,
                live.filter(rooms::account_id.eq_any(out_of_use)),
                limit,
            )
            .await;
        }
    };
    let rows: Vec<ViewRow> = wanted
        .order((rooms::created_at.desc(), rooms::room_id.desc()))
        .limit(limit.into())
        .select(ViewRow::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(ViewRow::view).collect::<Result<_, _>>()?)
}

/// The rooms, the newest first. They are so few that ordering them costs nothing, while a database that is asked for the order
/// looks for them through all rooms by time.
async fn unordered(
    connection: &mut AsyncPgConnection,
    wanted: rooms::BoxedQuery<'_, Pg>,
    limit: u32,
) -> Result<Vec<RoomView>, Error> {
    let rows: Vec<ViewRow> = wanted
        .limit(limit.into())
        .select(ViewRow::as_select())
        .load(connection)
        .await?;
    let mut views = rows
        .into_iter()
        .map(ViewRow::view)
        .collect::<Result<Vec<_>, _>>()?;
    views.sort_by_key(|view| std::cmp::Reverse((view.room.created_at, view.room.id)));
    Ok(views)
}

/// Closes a live room and withdraws what is not settled in its name; `false` when it is over. What is on its way just
/// now may still arrive: its status tells.
pub(crate) async fn close(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    closing: &Closing,
    now: Timestamp,
) -> Result<bool, Error> {
    let room = Key::from(closing.room);
    let ended = closing.end.reason.ends().iter().map(|state| state.as_str());
    let closed = diesel::update(rooms::table.find((company.as_str(), room)))
        .filter(rooms::state.eq_any(ended))
        .set((
            rooms::state.eq(closing.end.reason.leaves().as_str()),
            rooms::closed_at.eq(now.as_micros()),
            rooms::closed_by.eq(closing.end.by.to_string()),
            rooms::close_reason.eq(closing.end.reason.as_str()),
            rooms::close_note.eq(closing.end.note.as_deref().map(clean)),
        ))
        .execute(connection)
        .await?;
    if closed == 0 {
        return Ok(false);
    }
    diesel::update(outbox::table)
        .filter(outbox::company_id.eq(company.as_str()))
        .filter(outbox::room_id.eq(room))
        .filter(outbox::settled_at.is_null())
        .set((
            outbox::state.eq(OutboxState::Withdrawn.as_str()),
            outbox::settled_at.eq(now.as_micros()),
            outbox::lease_token.eq(None::<Key>),
            outbox::leased_until.eq(None::<i64>),
        ))
        .execute(connection)
        .await?;
    Ok(true)
}

/// Whether the client has a live room.
pub(crate) async fn has_live_room(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    identity: ClientIdentityId,
) -> Result<bool, Error> {
    let live = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::identity_id.eq(Key::from(identity)))
        .filter(rooms::closed_at.is_null());
    Ok(diesel::select(exists(live)).get_result(connection).await?)
}
