//! An identity as the rules look at it.

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl, SqliteConnection, dsl::max};
use onboarding_core::{
    AliasKind, ClientIdentityId, CompanyId, IdentityRoom, KnownIdentity, RoomState, Timestamp,
};

use super::{aliases, owner};
use crate::{
    error::{Error, Place},
    key::Key,
    schema::{client_identities, identity_disputes, released_aliases, rooms},
};

/// All that is known of an identity that is there; its rooms and open questions where it is one of `several`.
pub(crate) fn load(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    identity: Key,
    keys: &[(AliasKind, String)],
    several: bool,
) -> Result<KnownIdentity, Error> {
    let (revision, phone_since, opted_out_at): super::Standing = client_identities::table
        .find((company.as_str(), identity))
        .select((
            client_identities::revision,
            client_identities::phone_since,
            client_identities::opted_out_at,
        ))
        .first(connection)?;
    let place = Place {
        table: "client_identities",
        row: &identity,
    };
    let mut found_by = Vec::new();
    let mut gave_up = Vec::new();
    for (kind, value) in keys {
        if owner(connection, company, *kind, value)? == Some(identity) {
            found_by.push((*kind, value.clone()));
        } else if had(connection, company, *kind, value, identity)? {
            gave_up.push((*kind, value.clone()));
        }
    }
    Ok(KnownIdentity {
        id: identity.into(),
        revision: place.read("revision", u64::try_from(revision))?,
        aliases: aliases(connection, company, identity)?,
        phone_since: phone_since.map(Timestamp::from_micros),
        opted_out_at: opted_out_at.map(Timestamp::from_micros),
        found_by,
        gave_up,
        rooms: if several {
            rooms_of(connection, company, identity)?
        } else {
            Vec::new()
        },
        disputes: if several {
            disputes_of(connection, company, identity)?
        } else {
            Vec::new()
        },
    })
}

fn had(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    kind: AliasKind,
    value: &str,
    identity: Key,
) -> Result<bool, Error> {
    let row = released_aliases::table.find((company.as_str(), kind.as_str(), value, identity));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(connection)?)
}

/// The rooms but for those that failed.
fn rooms_of(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    identity: Key,
) -> Result<Vec<IdentityRoom>, Error> {
    let rows: Vec<(Key, Key, Key, Option<i64>)> = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::identity_id.eq(identity))
        .filter(rooms::state.ne(RoomState::Failed.as_str()))
        .order((rooms::created_at, rooms::room_id))
        .select((
            rooms::room_id,
            rooms::user_id,
            rooms::account_id,
            rooms::closed_at,
        ))
        .load(connection)?;
    let room = |(room, user, account, closed_at): (Key, Key, Key, Option<i64>)| IdentityRoom {
        room: room.into(),
        user: user.into(),
        account: account.into(),
        live: closed_at.is_none(),
    };
    Ok(rows.into_iter().map(room).collect())
}

/// With whom it is an open question whether they are one.
fn disputes_of(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    identity: Key,
) -> Result<Vec<ClientIdentityId>, Error> {
    let involved = identity_disputes::identity_id
        .eq(identity)
        .or(identity_disputes::other_id.eq(identity));
    let rows: Vec<(Key, Key)> = identity_disputes::table
        .filter(identity_disputes::company_id.eq(company.as_str()))
        .filter(identity_disputes::settled_at.is_null())
        .filter(involved)
        .select((identity_disputes::identity_id, identity_disputes::other_id))
        .load(connection)?;
    let the_other = |(one, other)| if one == identity { other } else { one };
    Ok(rows.into_iter().map(the_other).map(Into::into).collect())
}

/// When somebody else gave up one of the phones, the latest time.
pub(super) fn phone_left_at(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    keys: &[(AliasKind, String)],
    by_other_than: Option<Key>,
) -> Result<Option<Timestamp>, Error> {
    let phones: Vec<_> = keys
        .iter()
        .filter(|(kind, _)| *kind == AliasKind::Phone)
        .map(|(_, value)| value.as_str())
        .collect();
    let at: Option<i64> = released_aliases::table
        .filter(released_aliases::company_id.eq(company.as_str()))
        .filter(released_aliases::kind.eq(AliasKind::Phone.as_str()))
        .filter(released_aliases::value.eq_any(phones))
        .filter(released_aliases::identity_id.ne(by_other_than.unwrap_or(Key::NONE)))
        .select(max(released_aliases::released_at))
        .first(connection)?;
    Ok(at.map(Timestamp::from_micros))
}
