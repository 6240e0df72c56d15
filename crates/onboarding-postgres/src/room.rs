//! Chat rooms.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable,
    SelectableHelper, pg::Pg, prelude::Insertable,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    ChatRoom, ChatRoomId, ClientIdentityId, CompanyId, OfficialAccountId, RoomState, RoomUpdate, Timestamp,
    UserId,
    ports::{ChatRoomCheck, Conflict, StoreError},
};

use crate::{
    PostgresStore,
    error::{BadRow, Error, Place},
    key::Key,
    prepared::Prepared,
    schema::{client_windows, rooms},
    transaction::{Scope, transaction},
};

/// A room in its columns.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = rooms, treat_none_as_default_value = false, check_for_backend(Pg))]
pub(crate) struct RoomRow {
    room_id: Key,
    user_id: Key,
    profile_id: Key,
    identity_id: Key,
    account_id: Key,
    primary_id: Key,
    state: String,
    created_at: i64,
    closed_at: Option<i64>,
    last_reminded_at: Option<i64>,
    link_until: Option<i64>,
}

impl RoomRow {
    fn of(room: &ChatRoom) -> Self {
        Self {
            room_id: room.id.into(),
            user_id: room.user.into(),
            profile_id: room.profile.into(),
            identity_id: room.identity.into(),
            account_id: room.account.into(),
            primary_id: room.primary.into(),
            state: room.state.to_string(),
            created_at: room.created_at.as_micros(),
            closed_at: room.closed_at.map(Timestamp::as_micros),
            last_reminded_at: room.last_reminded_at.map(Timestamp::as_micros),
            link_until: room.link_until.map(Timestamp::as_micros),
        }
    }

    pub(crate) fn room(self) -> Result<ChatRoom, BadRow> {
        let place = Place {
            table: "rooms",
            row: &self.room_id,
        };
        Ok(ChatRoom {
            id: self.room_id.into(),
            user: self.user_id.into(),
            profile: self.profile_id.into(),
            identity: self.identity_id.into(),
            account: self.account_id.into(),
            primary: self.primary_id.into(),
            state: place.read("state", RoomState::from_name(&self.state))?,
            created_at: Timestamp::from_micros(self.created_at),
            closed_at: self.closed_at.map(Timestamp::from_micros),
            last_reminded_at: self.last_reminded_at.map(Timestamp::from_micros),
            link_until: self.link_until.map(Timestamp::from_micros),
        })
    }
}

#[async_trait]
impl ChatRoomCheck for PostgresStore {
    async fn live_room(
        &self,
        company: &CompanyId,
        user: UserId,
        identity: ClientIdentityId,
    ) -> Result<Option<ChatRoom>, StoreError> {
        let mut attempts = self.read("look for the room", Scope::Company(company));
        transaction!(attempts, |connection| live_of(
            connection,
            company,
            user.into(),
            identity.into()
        ))
    }

    async fn live_room_on(
        &self,
        company: &CompanyId,
        account: OfficialAccountId,
        identity: ClientIdentityId,
    ) -> Result<Option<ChatRoom>, StoreError> {
        let mut attempts = self.read("look for the room on the number", Scope::Company(company));
        transaction!(attempts, |connection| live_on(
            connection,
            company,
            account.into(),
            identity.into()
        ))
    }

    async fn client_last_wrote_at(
        &self,
        company: &CompanyId,
        account: OfficialAccountId,
        identity: ClientIdentityId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut attempts = self.read("look when the client wrote", Scope::Company(company));
        transaction!(attempts, |connection| last_wrote_at(
            connection,
            company,
            account.into(),
            identity.into()
        ))
    }
}

async fn live_of(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    user: Key,
    identity: Key,
) -> Result<Option<ChatRoom>, Error> {
    let row: Option<RoomRow> = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::user_id.eq(user))
        .filter(rooms::identity_id.eq(identity))
        .filter(rooms::closed_at.is_null())
        .select(RoomRow::as_select())
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(RoomRow::room).transpose()?)
}

async fn live_on(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    account: Key,
    identity: Key,
) -> Result<Option<ChatRoom>, Error> {
    let row: Option<RoomRow> = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::identity_id.eq(identity))
        .filter(rooms::account_id.eq(account))
        .filter(rooms::closed_at.is_null())
        .select(RoomRow::as_select())
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(RoomRow::room).transpose()?)
}

async fn last_wrote_at(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    account: Key,
    identity: Key,
) -> Result<Option<Timestamp>, Error> {
    let window = client_windows::table.find((company.as_str(), account, identity));
    let at: Option<i64> = window
        .select(client_windows::last_wrote_at)
        .first(connection)
        .await
        .optional()?;
    Ok(at.map(Timestamp::from_micros))
}

/// Opens the room; the conflict, if a live room is in its way.
pub(crate) async fn open(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    room: &ChatRoom,
) -> Result<Option<Conflict>, Error> {
    let opened = diesel::insert_into(rooms::table)
        .values((rooms::company_id.eq(company.as_str()), RoomRow::of(room)))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    if opened == 1 {
        return Ok(None);
    }
    // The insert does not say which index spoke; the room in the way does.
    let of_pair = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::user_id.eq(Key::from(room.user)))
        .filter(
            rooms::identity_id
                .eq(Key::from(room.identity))
                .or(rooms::profile_id.eq(Key::from(room.profile))),
        )
        .filter(rooms::closed_at.is_null());
    let pair_has_one: bool = diesel::select(diesel::dsl::exists(of_pair))
        .get_result(connection)
        .await?;
    Ok(Some(if pair_has_one {
        Conflict::RoomExists
    } else {
        Conflict::NumberTaken
    }))
}

/// Changes a live room; `false` when it is over.
pub(crate) async fn update(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    update: &RoomUpdate,
) -> Result<bool, Error> {
    let changed = match update {
        RoomUpdate::Reminded { room, at } => {
            diesel::update(rooms::table.find((company.as_str(), Key::from(*room))))
                .filter(rooms::closed_at.is_null())
                .set(rooms::last_reminded_at.eq(at.as_micros()))
                .execute(connection)
                .await?
        }
        RoomUpdate::LinkSentAgain { room, at, until } => {
            diesel::update(rooms::table.find((company.as_str(), Key::from(*room))))
                .filter(rooms::state.eq(RoomState::Invited.as_str()))
                .set((
                    rooms::last_reminded_at.eq(at.as_micros()),
                    rooms::link_until.eq(until.as_micros()),
                ))
                .execute(connection)
                .await?
        }
        RoomUpdate::Activated { room } => {
            diesel::update(rooms::table.find((company.as_str(), Key::from(*room))))
                .filter(rooms::closed_at.is_null())
                .set((
                    rooms::state.eq(RoomState::Active.as_str()),
                    rooms::link_until.eq(None::<i64>),
                ))
                .execute(connection)
                .await?
        }
    };
    Ok(changed == 1)
}

/// Whether the room is there and not over; it stays so until this transaction ends.
pub(crate) async fn is_live(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    room: ChatRoomId,
) -> Result<bool, Error> {
    let live = rooms::table
        .find((company.as_str(), Key::from(room)))
        .filter(rooms::closed_at.is_null());
    let found: Option<Key> = live
        .select(rooms::room_id)
        .for_share()
        .first(connection)
        .await
        .optional()?;
    Ok(found.is_some())
}

/// Writes down when the client wrote to the account. A message that was late does not set it back.
pub(crate) async fn client_wrote(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    account: OfficialAccountId,
    identity: ClientIdentityId,
    at: Timestamp,
) -> Result<(), Error> {
    let window = (company.as_str(), Key::from(account), Key::from(identity));
    let earlier = client_windows::table
        .find(window)
        .filter(client_windows::last_wrote_at.lt(at.as_micros()));
    let inserted = diesel::insert_into(client_windows::table)
        .values((
            client_windows::company_id.eq(company.as_str()),
            client_windows::account_id.eq(Key::from(account)),
            client_windows::identity_id.eq(Key::from(identity)),
            client_windows::last_wrote_at.eq(at.as_micros()),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    if inserted == 0 {
        let change = diesel::update(earlier).set(client_windows::last_wrote_at.eq(at.as_micros()));
        Prepared(change).execute(connection).await?;
    }
    Ok(())
}
