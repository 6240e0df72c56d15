//! Invitations that failed, and their rooms.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    QueryDsl, RunQueryDsl, SelectableHelper, SqliteConnection, SqliteExpressionMethods,
    dsl::{exists, not, select, sql},
    sql_types::Bool,
};
use onboarding_core::{
    CompanyId, InvitationContext, InvitationFailure, OutboxId, OutboxState, Purpose, RoomState, SendRefusal,
    TextKey, Timestamp,
};

use crate::{
    audit, client, company,
    error::{Error, Place},
    key::Key,
    notice, outbox as messages,
    room::RoomRow,
    schema::{client_windows, outbox, room_lines, rooms},
    store::CompanyCache,
    user,
};

/// What brings the client into the room in place of the invitation.
const LINK: Purpose = Purpose::Text(TextKey::HandOffLink);

/// The room of an invitation or of the link in its place, with who stands in it.
pub(crate) fn context(
    connection: &mut SqliteConnection,
    cache: &CompanyCache,
    id: &CompanyId,
    invitation: OutboxId,
) -> Result<Option<InvitationContext>, Error> {
    let message: Option<(Option<Key>, String, i64)> = outbox::table
        .find((id.as_str(), Key::from(invitation)))
        .filter(outbox::purpose.eq_any(Purpose::BRINGING_THE_CLIENT.map(Purpose::as_str)))
        .select((outbox::room_id, outbox::purpose, outbox::place))
        .first(connection)
        .optional()?;
    let Some((Some(room_key), purpose, place)) = message else {
        return Ok(None);
    };
    let of_message = Place {
        table: "outbox",
        row: &invitation,
    };
    let failed = of_message.read("purpose", Purpose::from_name(&purpose))?;
    let row = rooms::table
        .find((id.as_str(), room_key))
        .select(RoomRow::as_select())
        .first(connection);
    let Some(room) = row.optional()?.map(RoomRow::room).transpose()? else {
        return Ok(None);
    };
    let Some(company) = company::cached(connection, cache, id)? else {
        return Ok(None);
    };
    let Some(user) = user::find(connection, id, room.user)? else {
        return Ok(None);
    };
    let client = client::aliases(connection, id, room.identity.into())?;
    let lines = room_lines::table
        .filter(room_lines::company_id.eq(id.as_str()))
        .filter(room_lines::room_id.eq(room_key));
    let client_wrote = select(exists(lines)).get_result(connection)?;
    let later_links = outbox::table
        .filter(outbox::company_id.eq(id.as_str()))
        .filter(outbox::room_id.eq(room_key))
        .filter(outbox::purpose.eq(LINK.as_str()))
        .filter(outbox::place.gt(place))
        .filter(outbox::state.ne(OutboxState::Failed.as_str()));
    let link_again = select(exists(later_links)).get_result(connection)?;
    let window = (id.as_str(), Key::from(room.primary), Key::from(room.identity));
    let wrote_to_primary: Option<i64> = client_windows::table
        .find(window)
        .select(client_windows::last_wrote_at)
        .first(connection)
        .optional()?;
    Ok(Some(InvitationContext {
        company,
        room,
        user,
        client,
        client_wrote,
        failed,
        link_again,
        wrote_to_primary: wrote_to_primary.map(Timestamp::from_micros),
    }))
}

/// Failed invitations whose rooms live without a word of the client, the latest first: what a crash left behind is young.
pub(crate) fn failed(
    connection: &mut SqliteConnection,
    limit: u32,
) -> Result<Vec<(CompanyId, OutboxId, SendRefusal)>, Error> {
    let of_live_room = rooms::table.on(rooms::company_id
        .eq(outbox::company_id)
        .and(rooms::room_id.nullable().eq(outbox::room_id)));
    let written = room_lines::table
        .filter(room_lines::company_id.eq(rooms::company_id))
        .filter(room_lines::room_id.eq(rooms::room_id));
    let purpose = |purpose: Purpose| outbox::purpose.eq(purpose.as_str());
    let invitation = purpose(Purpose::Invitation).and(rooms::link_until.is_null());
    let link = purpose(LINK).and(rooms::link_until.is_not_null());
    let rows: Vec<(String, Key, Option<i64>, Option<String>)> = outbox::table
        .inner_join(of_live_room)
        // Written out, because SQLite takes a partial index only for a literal.
        .filter(sql::<Bool>("outbox.state = 'failed'"))
        .filter(rooms::closed_at.is_null())
        .filter(invitation.or(link))
        .filter(not(exists(written)))
        .order(outbox::place.desc())
        .limit(limit.into())
        .select((
            outbox::company_id,
            outbox::outbox_id,
            outbox::error_code,
            outbox::error_reason,
        ))
        .load(connection)?;
    let mut failed = Vec::with_capacity(rows.len());
    for (company, id, code, reason) in rows {
        let place = Place {
            table: "outbox",
            row: &id,
        };
        let refusal = SendRefusal {
            code: place.read("error_code", code)?,
            reason: place.read("error_reason", reason)?,
        };
        failed.push((
            place.read("company_id", CompanyId::parse(&company))?,
            id.into(),
            refusal,
        ));
    }
    Ok(failed)
}

/// Ends a live room as failed, or lets it wait for the client to come by the link, and queues the notice.
pub(crate) fn fail_room(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    failure: &InvitationFailure,
    now: Timestamp,
) -> Result<(), Error> {
    let written = room_lines::table
        .filter(room_lines::company_id.eq(company.as_str()))
        .filter(room_lines::room_id.eq(Key::from(failure.room.id)));
    // As the decision saw it: by now the client may have the link, or a new one.
    let link_until = failure.room.link_until.map(Timestamp::as_micros);
    let live = rooms::table
        .find((company.as_str(), Key::from(failure.room.id)))
        .filter(rooms::closed_at.is_null())
        .filter(rooms::link_until.is(link_until))
        .filter(not(exists(written)));
    let changed = match failure.link_until {
        Some(until) => diesel::update(live)
            .set((
                rooms::state.eq(RoomState::Invited.as_str()),
                rooms::link_until.eq(until.as_micros()),
            ))
            .execute(connection)?,
        None => diesel::update(live)
            .set((
                rooms::state.eq(RoomState::Failed.as_str()),
                rooms::closed_at.eq(now.as_micros()),
                rooms::failure_reason.eq(&failure.reason),
            ))
            .execute(connection)?,
    };
    if changed == 0 {
        return Ok(());
    }
    if let Some(notice) = &failure.notice {
        messages::queue(connection, company, notice, now)?;
    }
    notice::tell(connection, company, &failure.notices, now)?;
    audit::append(connection, company, &[failure.audit_entry(now)])
}
