//! Chat rooms.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    Selectable, SelectableHelper, SqliteConnection, dsl::exists, prelude::Insertable, sqlite::Sqlite,
};
use onboarding_core::{
    ChatRoom, ChatRoomId, ClientIdentityId, CompanyId, OfficialAccountId, RoomState, RoomUpdate, Timestamp,
    UserId,
    ports::{ChatRoomCheck, Conflict, StoreError},
};

use crate::{
    SqliteStore,
    error::{BadRow, Error, Place},
    key::Key,
    schema::{client_windows, rooms},
};

/// A room in its columns.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = rooms, treat_none_as_default_value = false, check_for_backend(Sqlite))]
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
impl ChatRoomCheck for SqliteStore {
    async fn live_room(
        &self,
        company: &CompanyId,
        user: UserId,
        identity: ClientIdentityId,
    ) -> Result<Option<ChatRoom>, StoreError> {
        let (company, user, identity) = (company.clone(), Key::from(user), Key::from(identity));
        self.read("look for the room", move |connection| {
            let row: Option<RoomRow> = rooms::table
                .filter(rooms::company_id.eq(company.as_str()))
                .filter(rooms::user_id.eq(user))
                .filter(rooms::identity_id.eq(identity))
                .filter(rooms::closed_at.is_null())
                .select(RoomRow::as_select())
                .first(connection)
                .optional()?;
            Ok(row.map(RoomRow::room).transpose()?)
        })
        .await
    }

    async fn live_room_on(
        &self,
        company: &CompanyId,
        account: OfficialAccountId,
        identity: ClientIdentityId,
    ) -> Result<Option<ChatRoom>, StoreError> {
        let (company, account, identity) = (company.clone(), Key::from(account), Key::from(identity));
        self.read("look for the room on the number", move |connection| {
            let row: Option<RoomRow> = rooms::table
                .filter(rooms::company_id.eq(company.as_str()))
                .filter(rooms::identity_id.eq(identity))
                .filter(rooms::account_id.eq(account))
                .filter(rooms::closed_at.is_null())
                .select(RoomRow::as_select())
                .first(connection)
                .optional()?;
            Ok(row.map(RoomRow::room).transpose()?)
        })
        .await
    }

    async fn client_last_wrote_at(
        &self,
        company: &CompanyId,
        account: OfficialAccountId,
        identity: ClientIdentityId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let (company, account, identity) = (company.clone(), Key::from(account), Key::from(identity));
        self.read("look when the client wrote", move |connection| {
            last_wrote_at(connection, company.as_str(), account, identity)
        })
        .await
    }
}

/// When the client wrote last to the account.
pub(crate) fn last_wrote_at(
    connection: &mut SqliteConnection,
    company: &str,
    account: Key,
    identity: Key,
) -> Result<Option<Timestamp>, Error> {
    let window = client_windows::table.find((company, account, identity));
    let at: Option<i64> = window
        .select(client_windows::last_wrote_at)
        .first(connection)
        .optional()?;
    Ok(at.map(Timestamp::from_micros))
}

/// Opens the room; the conflict, if a live room is in its way.
pub(crate) fn open(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    room: &ChatRoom,
) -> Result<Option<Conflict>, Error> {
    let opened = diesel::insert_into(rooms::table)
        .values((rooms::company_id.eq(company.as_str()), RoomRow::of(room)))
        .on_conflict_do_nothing()
        .execute(connection)?;
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
    let pair_has_one: bool = diesel::select(diesel::dsl::exists(of_pair)).get_result(connection)?;
    Ok(Some(if pair_has_one {
        Conflict::RoomExists
    } else {
        Conflict::NumberTaken
    }))
}

/// Changes a live room; `false` when it is over.
pub(crate) fn update(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    update: &RoomUpdate,
) -> Result<bool, Error> {
    let changed = match update {
        RoomUpdate::Reminded { room, at } => {
            diesel::update(rooms::table.find((company.as_str(), Key::from(*room))))
                .filter(rooms::closed_at.is_null())
                .set(rooms::last_reminded_at.eq(at.as_micros()))
                .execute(connection)?
        }
        RoomUpdate::LinkSentAgain { room, at, until } => {
            diesel::update(rooms::table.find((company.as_str(), Key::from(*room))))
                .filter(rooms::state.eq(RoomState::Invited.as_str()))
                .set((
                    rooms::last_reminded_at.eq(at.as_micros()),
                    rooms::link_until.eq(until.as_micros()),
                ))
                .execute(connection)?
        }
        RoomUpdate::Activated { room } => {
            diesel::update(rooms::table.find((company.as_str(), Key::from(*room))))
                .filter(rooms::closed_at.is_null())
                .set((
                    rooms::state.eq(RoomState::Active.as_str()),
                    rooms::link_until.eq(None::<i64>),
                ))
                .execute(connection)?
        }
    };
    Ok(changed == 1)
}

/// Whether the room is there and not over.
pub(crate) fn is_live(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    room: ChatRoomId,
) -> Result<bool, Error> {
    let live = rooms::table
        .find((company.as_str(), Key::from(room)))
        .filter(rooms::closed_at.is_null());
    Ok(diesel::select(exists(live)).get_result(connection)?)
}

/// Writes down when the client wrote to the account. A message that was late does not set it back.
pub(crate) fn client_wrote(
    connection: &mut SqliteConnection,
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
        .execute(connection)?;
    if inserted == 0 {
        diesel::update(earlier)
            .set(client_windows::last_wrote_at.eq(at.as_micros()))
            .execute(connection)?;
    }
    Ok(())
}
