//! Changes of who a client is.

mod absorb;
mod dispute;

use async_trait::async_trait;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SqliteConnection, dsl::max};
use onboarding_core::{
    AliasKind, Closing, CompanyId, Dispute, DisputeId, EndedRooms, IdentityEvent, IdentityEventKind,
    NewDispute, OutboxState, Recipient, Reconciliation, Timestamp,
    ports::{ClientReconciliation, ReconcileOutcome, StoreError},
};

use crate::{
    SqliteStore, audit, client,
    error::{Error, Place, Undo},
    key::Key,
    lifecycle,
    schema::{client_aliases, identity_events, outbox, released_aliases, rooms},
};

#[async_trait]
impl ClientReconciliation for SqliteStore {
    async fn reconcile(
        &self,
        company: &CompanyId,
        change: Reconciliation,
        now: Timestamp,
    ) -> Result<ReconcileOutcome, StoreError> {
        let company = company.clone();
        self.write_or_undo("change the client", move |connection| {
            store(connection, &company, &change, now)
        })
        .await
    }

    async fn dispute(
        &self,
        company: &CompanyId,
        question: NewDispute,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let company = company.clone();
        self.write("ask about the client", move |connection| {
            dispute::ask(connection, &company, &question, now)
        })
        .await
    }

    async fn disputes(&self, company: &CompanyId, limit: u32) -> Result<Vec<Dispute>, StoreError> {
        let company = company.clone();
        self.read("list the open questions", move |connection| {
            dispute::open(connection, &company, limit)
        })
        .await
    }

    async fn open_dispute(&self, company: &CompanyId, id: DisputeId) -> Result<Option<Dispute>, StoreError> {
        let company = company.clone();
        self.read("look for the question", move |connection| {
            dispute::one(connection, &company, id)
        })
        .await
    }

    async fn identity_history(
        &self,
        company: &CompanyId,
        limit: u32,
    ) -> Result<Vec<IdentityEvent>, StoreError> {
        let company = company.clone();
        self.read("read the history of the clients", move |connection| {
            history(connection, &company, limit)
        })
        .await
    }
}

const STALE: Undo<ReconcileOutcome> = Undo::Answer(ReconcileOutcome::Stale);

fn store(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    change: &Reconciliation,
    now: Timestamp,
) -> Result<ReconcileOutcome, Undo<ReconcileOutcome>> {
    if let Some((id, verdict)) = change.settles
        && !dispute::settle(connection, company, id, verdict, now)?
    {
        return Err(STALE);
    }
    let (aliases, since) = (&change.aliases, change.phone_since);
    if !client::update(connection, company, change.identity, aliases, since, true, now)? {
        return Err(STALE);
    }
    end_rooms(connection, company, change, now)?;
    if let Some(absorbed) = change.absorbs
        && !absorb::absorb(connection, company, change.identity.id, absorbed, now)?
    {
        return Err(STALE);
    }
    release(connection, company, change, now)?;
    for (kind, value) in &change.claims {
        if !client::claim(connection, company, change.identity.id, *kind, value)? {
            return Err(STALE);
        }
    }
    readdress(connection, company, change, now)?;
    if !client::set_opted_out_at(connection, company, change)? {
        return Err(STALE);
    }
    write_down(connection, company, change, now)?;
    audit::append(connection, company, &[change.audit_entry(now)])?;
    Ok(ReconcileOutcome::Reconciled)
}

fn end_rooms(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    change: &Reconciliation,
    now: Timestamp,
) -> Result<(), Error> {
    let live = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::closed_at.is_null())
        .select(rooms::room_id);
    let ended: Vec<Key> = match &change.ends {
        EndedRooms::None => return Ok(()),
        EndedRooms::All => {
            let theirs = rooms::identity_id.eq(Key::from(change.identity.id));
            live.filter(theirs).load(connection)?
        }
        EndedRooms::These(these) => {
            let these: Vec<Key> = these.iter().map(|room| (*room).into()).collect();
            live.filter(rooms::room_id.eq_any(these)).load(connection)?
        }
    };
    for room in ended {
        let closing = Closing {
            room: room.into(),
            end: change.room_end(),
        };
        lifecycle::close(connection, company, &closing, now)?;
    }
    Ok(())
}

fn release(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    change: &Reconciliation,
    now: Timestamp,
) -> Result<(), Error> {
    let identity = Key::from(change.identity.id);
    for (kind, value) in &change.releases {
        let theirs = client_aliases::table
            .find((company.as_str(), kind.as_str(), value))
            .filter(client_aliases::identity_id.eq(identity));
        if diesel::delete(theirs).execute(connection)? == 0 {
            continue;
        }
        diesel::insert_into(released_aliases::table)
            .values((
                released_aliases::company_id.eq(company.as_str()),
                released_aliases::kind.eq(kind.as_str()),
                released_aliases::value.eq(value),
                released_aliases::identity_id.eq(identity),
                released_aliases::released_at.eq(now.as_micros()),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// What waits for the client goes to where they are reached now, or nowhere.
fn readdress(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    change: &Reconciliation,
    now: Timestamp,
) -> Result<(), Error> {
    let open = diesel::update(outbox::table)
        .filter(outbox::company_id.eq(company.as_str()))
        .filter(outbox::identity_id.eq(Key::from(change.identity.id)))
        .filter(outbox::settled_at.is_null());
    if let Some(recipient) = Recipient::of(&change.aliases) {
        open.set((
            outbox::recipient_kind.eq(recipient.kind()),
            outbox::recipient.eq(recipient.as_str()),
        ))
        .execute(connection)?;
    } else {
        open.set((
            outbox::state.eq(OutboxState::Withdrawn.as_str()),
            outbox::settled_at.eq(now.as_micros()),
            outbox::lease_token.eq(None::<Key>),
            outbox::leased_until.eq(None::<i64>),
        ))
        .execute(connection)?;
    }
    Ok(())
}

fn write_down(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    change: &Reconciliation,
    now: Timestamp,
) -> Result<(), Error> {
    let last: Option<i64> = identity_events::table
        .filter(identity_events::company_id.eq(company.as_str()))
        .select(max(identity_events::place))
        .first(connection)?;
    diesel::insert_into(identity_events::table)
        .values((
            identity_events::company_id.eq(company.as_str()),
            identity_events::event_id.eq(Key::from(change.id)),
            identity_events::place.eq(last.unwrap_or(0) + 1),
            identity_events::at.eq(now.as_micros()),
            identity_events::kind.eq(change.kind.as_str()),
            identity_events::identity_id.eq(Key::from(change.identity.id)),
            identity_events::absorbed_id.eq(change.absorbs.map(|absorbed| Key::from(absorbed.id))),
            identity_events::finding.eq(&change.finding),
        ))
        .execute(connection)?;
    Ok(())
}

fn history(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    limit: u32,
) -> Result<Vec<IdentityEvent>, Error> {
    type Row = (Key, i64, String, Key, Option<Key>, String);
    let rows: Vec<Row> = identity_events::table
        .filter(identity_events::company_id.eq(company.as_str()))
        .order(identity_events::place.desc())
        .limit(limit.into())
        .select((
            identity_events::event_id,
            identity_events::at,
            identity_events::kind,
            identity_events::identity_id,
            identity_events::absorbed_id,
            identity_events::finding,
        ))
        .load(connection)?;
    let event = |(id, at, kind, identity, absorbed, finding): Row| {
        let place = Place {
            table: "identity_events",
            row: &id,
        };
        Ok(IdentityEvent {
            id: id.into(),
            at: Timestamp::from_micros(at),
            kind: place.read("kind", IdentityEventKind::from_name(&kind))?,
            identity: identity.into(),
            absorbed: absorbed.map(Into::into),
            finding,
        })
    };
    rows.into_iter().map(event).collect()
}

/// The kind of an alias as it stands in a column.
fn kind_of(name: &str) -> Option<AliasKind> {
    [AliasKind::Phone, AliasKind::Bsuid, AliasKind::ParentBsuid]
        .into_iter()
        .find(|kind| kind.as_str() == name)
}
