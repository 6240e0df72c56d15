//! What was answered to requests that carried a key.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, pg::Pg,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::ports::{IdempotencyKeys, KeptAnswer, KeyReservation, ReserveOutcome, StoreError};

use crate::{
    PostgresStore,
    error::Error,
    key::Key,
    schema::idempotency_keys as keys,
    transaction::{Scope, transaction},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = keys, check_for_backend(Pg))]
struct KeyRow {
    reservation_id: Key,
    fingerprint: Vec<u8>,
    sealed_answer: Option<Vec<u8>>,
}

impl KeyRow {
    fn outcome(self, asked: &KeyReservation) -> ReserveOutcome {
        if self.fingerprint != asked.fingerprint.as_bytes() {
            return ReserveOutcome::OtherRequest;
        }
        match self.sealed_answer {
            None => ReserveOutcome::Busy,
            Some(sealed) => ReserveOutcome::Answered(KeptAnswer {
                id: self.reservation_id.into(),
                sealed,
            }),
        }
    }
}

#[async_trait]
impl IdempotencyKeys for PostgresStore {
    async fn reserve_key(&self, reservation: KeyReservation) -> Result<ReserveOutcome, StoreError> {
        let mut attempts = self.write("take the idempotency key", Scope::Company(&reservation.company));
        transaction!(attempts, |connection| reserve(connection, &reservation))
    }

    async fn keep_answer(&self, reservation: &KeyReservation, answer: KeptAnswer) -> Result<(), StoreError> {
        let mut attempts = self.write("keep the answer", Scope::Company(&reservation.company));
        transaction!(attempts, |connection| keep(connection, reservation, &answer))
    }

    async fn release_key(&self, reservation: &KeyReservation) -> Result<(), StoreError> {
        let mut attempts = self.write(
            "give the idempotency key back",
            Scope::Company(&reservation.company),
        );
        transaction!(attempts, |connection| release(connection, reservation))
    }
}

async fn keep(
    connection: &mut AsyncPgConnection,
    reservation: &KeyReservation,
    answer: &KeptAnswer,
) -> Result<(), Error> {
    diesel::update(keys::table.find(place(reservation)))
        .filter(keys::reservation_id.eq(Key::from(answer.id)))
        .set(keys::sealed_answer.eq(Some(&answer.sealed)))
        .execute(connection)
        .await?;
    Ok(())
}

async fn release(connection: &mut AsyncPgConnection, reservation: &KeyReservation) -> Result<(), Error> {
    diesel::delete(keys::table.find(place(reservation)))
        .filter(keys::reservation_id.eq(Key::from(reservation.id)))
        .execute(connection)
        .await?;
    Ok(())
}

fn place(reservation: &KeyReservation) -> (&str, &str, &[u8]) {
    (
        reservation.company.as_str(),
        &reservation.caller,
        &reservation.key.as_bytes()[..],
    )
}

async fn reserve(
    connection: &mut AsyncPgConnection,
    asked: &KeyReservation,
) -> Result<ReserveOutcome, Error> {
    diesel::delete(keys::table)
        .filter(keys::company_id.eq(asked.company.as_str()))
        .filter(keys::expires_at.le(asked.now.as_micros()))
        .execute(connection)
        .await?;
    diesel::delete(keys::table.find(place(asked)))
        .filter(keys::sealed_answer.is_null())
        .filter(keys::busy_until.le(asked.now.as_micros()))
        .execute(connection)
        .await?;
    let taken = diesel::insert_into(keys::table)
        .values((
            keys::company_id.eq(asked.company.as_str()),
            keys::caller.eq(&asked.caller),
            keys::key_hash.eq(&asked.key.as_bytes()[..]),
            keys::reservation_id.eq(Key::from(asked.id)),
            keys::fingerprint.eq(&asked.fingerprint.as_bytes()[..]),
            keys::busy_until.eq(asked.busy_until.as_micros()),
            keys::expires_at.eq(asked.expires_at.as_micros()),
        ))
        .on_conflict((keys::company_id, keys::caller, keys::key_hash))
        .do_nothing()
        .execute(connection)
        .await?;
    if taken == 1 {
        return Ok(ReserveOutcome::Reserved);
    }
    let present: Option<KeyRow> = keys::table
        .find(place(asked))
        .select(KeyRow::as_select())
        .first(connection)
        .await
        .optional()?;
    // Given back between the two statements: whoever asks again has it.
    Ok(present.map_or(ReserveOutcome::Busy, |row| row.outcome(asked)))
}
