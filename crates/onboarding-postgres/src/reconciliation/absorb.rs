//! One identity goes up in another.

use diesel::{
    ExpressionMethods, QueryDsl, QueryableByName,
    sql_types::{BigInt, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{Actor, ClientIdentityId, CompanyId, IdentityRevision, ProspectState, Timestamp};

use crate::{
    error::Error,
    key::Key,
    schema::{client_identities, identity_disputes, prospects},
};

/// Whether live rooms of the two ($2 and $3) would be in each other's way.
const CLASH: &str = "
    SELECT count(*) AS found FROM rooms AS kept
    JOIN rooms AS moved ON moved.company_id = kept.company_id
        AND (moved.user_id = kept.user_id OR moved.account_id = kept.account_id)
    WHERE kept.company_id = $1 AND kept.identity_id = $2 AND moved.identity_id = $3
      AND kept.closed_at IS NULL AND moved.closed_at IS NULL";

/// Everything that hangs on the identity $3 becomes that of $2; where both have a row of which there can be one, the later
/// stays. The records of decisions (onboardings) and acts stay as they were written: the audit keeps their digests.
const MOVES: &[&str] = &[
    "UPDATE client_aliases SET identity_id = $2 WHERE company_id = $1 AND identity_id = $3",
    "UPDATE client_profiles SET identity_id = $2 WHERE company_id = $1 AND identity_id = $3",
    "UPDATE prospects SET identity_id = $2 WHERE company_id = $1 AND identity_id = $3",
    "UPDATE rooms SET identity_id = $2, merged_from = coalesce(merged_from, identity_id)
     WHERE company_id = $1 AND identity_id = $3",
    "UPDATE client_identities SET merged_into = $2 WHERE company_id = $1 AND merged_into = $3",
    "UPDATE outbox SET identity_id = $2 WHERE company_id = $1 AND identity_id = $3",
    "INSERT INTO client_windows (company_id, account_id, identity_id, last_wrote_at)
     SELECT company_id, account_id, $2, last_wrote_at FROM client_windows WHERE company_id = $1 AND identity_id = $3
     ON CONFLICT (company_id, account_id, identity_id)
     DO UPDATE SET last_wrote_at = greatest(client_windows.last_wrote_at, excluded.last_wrote_at)",
    "DELETE FROM client_windows WHERE company_id = $1 AND identity_id = $3 AND identity_id <> $2",
    "INSERT INTO send_rates (company_id, account_id, identity_id, paid_until)
     SELECT company_id, account_id, $2, paid_until FROM send_rates WHERE company_id = $1 AND identity_id = $3
     ON CONFLICT (company_id, account_id, identity_id)
     DO UPDATE SET paid_until = greatest(send_rates.paid_until, excluded.paid_until)",
    "DELETE FROM send_rates WHERE company_id = $1 AND identity_id = $3 AND identity_id <> $2",
    "INSERT INTO released_aliases (company_id, kind, value, identity_id, released_at)
     SELECT company_id, kind, value, $2, released_at FROM released_aliases WHERE company_id = $1 AND identity_id = $3
     ON CONFLICT (company_id, kind, value, identity_id)
     DO UPDATE SET released_at = greatest(released_aliases.released_at, excluded.released_at)",
    "DELETE FROM released_aliases WHERE company_id = $1 AND identity_id = $3 AND identity_id <> $2",
];

#[derive(QueryableByName)]
struct Clash {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

/// Moves everything over; `false`, to be undone, when the absorbed one is not as it was looked at or live rooms clash.
pub(super) async fn absorb(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    into: ClientIdentityId,
    absorbed: IdentityRevision,
    now: Timestamp,
) -> Result<bool, Error> {
    if !mark(connection, company, into, absorbed, now).await? {
        return Ok(false);
    }
    let (kept, moved) = (Key::from(into), Key::from(absorbed.id));
    let clash: Clash = diesel::sql_query(CLASH)
        .bind::<Text, _>(company.as_str())
        .bind::<Uuid, _>(kept)
        .bind::<Uuid, _>(moved)
        .get_result(connection)
        .await?;
    if clash.found > 0 {
        return Ok(false);
    }
    end_second_prospects(connection, company, kept, moved, now).await?;
    settle_questions(connection, company, moved, now).await?;
    for statement in MOVES {
        diesel::sql_query(*statement)
            .bind::<Text, _>(company.as_str())
            .bind::<Uuid, _>(kept)
            .bind::<Uuid, _>(moved)
            .execute(connection)
            .await?;
    }
    Ok(true)
}

/// From now on the identity is found no more.
async fn mark(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    into: ClientIdentityId,
    absorbed: IdentityRevision,
    now: Timestamp,
) -> Result<bool, Error> {
    let revision = i64::try_from(absorbed.revision).unwrap_or(i64::MAX);
    let as_seen = client_identities::table
        .find((company.as_str(), Key::from(absorbed.id)))
        .filter(client_identities::revision.eq(revision))
        .filter(client_identities::merged_into.is_null());
    let nothing = None::<String>;
    let marked = diesel::update(as_seen)
        .set((
            client_identities::wa_id.eq(&nothing),
            client_identities::bsuid.eq(&nothing),
            client_identities::parent_bsuid.eq(&nothing),
            client_identities::username.eq(&nothing),
            client_identities::profile_name.eq(&nothing),
            client_identities::changed_at.eq(now.as_micros()),
            client_identities::opted_out_at.eq(None::<i64>),
            client_identities::revision.eq(revision + 1),
            client_identities::merged_into.eq(Key::from(into)),
        ))
        .execute(connection)
        .await?;
    Ok(marked == 1)
}

async fn end_second_prospects(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    kept: Key,
    moved: Key,
    now: Timestamp,
) -> Result<(), Error> {
    let users: Vec<Key> = prospects::table
        .filter(prospects::company_id.eq(company.as_str()))
        .filter(prospects::identity_id.eq(kept))
        .filter(prospects::ended_at.is_null())
        .select(prospects::user_id)
        .load(connection)
        .await?;
    diesel::update(prospects::table)
        .filter(prospects::company_id.eq(company.as_str()))
        .filter(prospects::identity_id.eq(moved))
        .filter(prospects::ended_at.is_null())
        .filter(prospects::user_id.eq_any(users))
        .set((
            prospects::state.eq(ProspectState::Joined.as_str()),
            prospects::ended_at.eq(now.as_micros()),
            prospects::ended_by.eq(Actor::Service.to_string()),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Open questions about the absorbed one settle themselves; what is still not clear comes up again.
async fn settle_questions(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    moved: Key,
    now: Timestamp,
) -> Result<(), Error> {
    for mine in [true, false] {
        let open = diesel::update(identity_disputes::table)
            .filter(identity_disputes::company_id.eq(company.as_str()))
            .filter(identity_disputes::settled_at.is_null())
            .set((
                identity_disputes::settled_at.eq(now.as_micros()),
                identity_disputes::verdict.eq("merged"),
            ));
        if mine {
            open.filter(identity_disputes::identity_id.eq(moved))
                .execute(connection)
                .await?;
        } else {
            open.filter(identity_disputes::other_id.eq(moved))
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}
