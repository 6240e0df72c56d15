//! What WhatsApp told of accounts, and what follows from what was sent.

use async_trait::async_trait;
use diesel::{
    AggregateExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl, SqliteConnection, dsl::count,
};
use onboarding_core::{
    CompanyId, FactName, Health, OfficialAccountId, Platform, PlatformFact, Subject, Timestamp,
    ports::{Observation, ObserveOutcome, PlatformRecord, StoreError},
};

use crate::{
    SqliteStore, company,
    error::{Error, Place},
    inbox::{self, Standing},
    key::Key,
    schema::{companies, outbox, platform_facts},
};

#[async_trait]
impl PlatformRecord for SqliteStore {
    async fn observe(&self, observation: Observation) -> Result<ObserveOutcome, StoreError> {
        self.write("keep what WhatsApp told", move |connection| {
            observe(connection, &observation)
        })
        .await
    }

    async fn clients_written_first(
        &self,
        company: &CompanyId,
        accounts: &[OfficialAccountId],
        since: Timestamp,
    ) -> Result<u32, StoreError> {
        let company = company.clone();
        let accounts: Vec<_> = accounts.iter().copied().map(Key::from).collect();
        self.read("count whom templates went to", move |connection| {
            let count: i64 = outbox::table
                .filter(outbox::company_id.eq(company.as_str()))
                .filter(outbox::account_id.eq_any(accounts))
                .filter(outbox::template.is_not_null())
                .filter(outbox::queued_at.ge(since.as_micros()))
                .filter(outbox::state.ne("failed"))
                .select(count(outbox::identity_id).aggregate_distinct())
                .first(connection)?;
            Ok(u32::try_from(count).unwrap_or(u32::MAX))
        })
        .await
    }

    async fn accounts_without_statuses(
        &self,
        company: &CompanyId,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<OfficialAccountId>, StoreError> {
        let company = company.clone();
        self.read("look for statuses", move |connection| {
            let accepted: Vec<(Key, Option<String>)> = outbox::table
                .filter(outbox::company_id.eq(company.as_str()))
                .filter(outbox::settled_at.is_not_null())
                .filter(outbox::settled_at.ge(since.as_micros()))
                .filter(outbox::settled_at.lt(until.as_micros()))
                .filter(outbox::state.eq("accepted"))
                .select((outbox::account_id, outbox::progress))
                .distinct()
                .load(connection)?;
            let told = |account: Key| {
                accepted
                    .iter()
                    .any(|(one, progress)| *one == account && progress.is_some())
            };
            let silent = accepted
                .iter()
                .map(|(account, _)| *account)
                .filter(|account| !told(*account));
            let mut silent: Vec<OfficialAccountId> = silent.map(OfficialAccountId::from).collect();
            silent.sort_unstable();
            Ok(silent)
        })
        .await
    }
}

fn observe(connection: &mut SqliteConnection, observation: &Observation) -> Result<ObserveOutcome, Error> {
    let id = &observation.company;
    if let Some((lease, _)) = &observation.cause
        && inbox::standing(connection, id, lease)? != Standing::Ours
    {
        return Ok(ObserveOutcome::LeaseLost);
    }
    if company::revision(connection, id)? != Some(observation.expected_revision) {
        return Ok(ObserveOutcome::Stale);
    }
    for fact in &observation.facts {
        put(connection, id, fact)?;
    }
    if !observation.facts.is_empty() {
        diesel::update(companies::table.find(id.as_str()))
            .set(companies::revision.eq(companies::revision + 1))
            .execute(connection)?;
    }
    if let Some((lease, note)) = &observation.cause {
        inbox::close(connection, id, lease, Some(note), observation.now)?;
    }
    Ok(ObserveOutcome::Kept)
}

fn put(connection: &mut SqliteConnection, company: &CompanyId, fact: &PlatformFact) -> Result<(), Error> {
    let said = (
        platform_facts::value.eq(&fact.value),
        platform_facts::health.eq(fact.health.as_str()),
        platform_facts::reason.eq(&fact.reason),
        platform_facts::remedy.eq(&fact.remedy),
        platform_facts::observed_at.eq(fact.observed_at.as_micros()),
        platform_facts::expires_at.eq(fact.expires_at.map(Timestamp::as_micros)),
    );
    diesel::insert_into(platform_facts::table)
        .values((
            platform_facts::company_id.eq(company.as_str()),
            platform_facts::subject.eq(fact.about.kind()),
            platform_facts::subject_key.eq(fact.about.key()),
            platform_facts::name.eq(fact.name.as_str()),
            said,
        ))
        .on_conflict((
            platform_facts::company_id,
            platform_facts::subject,
            platform_facts::subject_key,
            platform_facts::name,
        ))
        .do_update()
        .set(said)
        .execute(connection)?;
    Ok(())
}

type Row = (
    String,
    String,
    String,
    String,
    String,
    String,
    Option<String>,
    i64,
    Option<i64>,
);

/// All facts of the company, in order of their keys.
pub(crate) fn load(connection: &mut SqliteConnection, company: &CompanyId) -> Result<Platform, Error> {
    let rows: Vec<Row> = platform_facts::table
        .filter(platform_facts::company_id.eq(company.as_str()))
        .order((
            platform_facts::subject,
            platform_facts::subject_key,
            platform_facts::name,
        ))
        .select((
            platform_facts::subject,
            platform_facts::subject_key,
            platform_facts::name,
            platform_facts::value,
            platform_facts::health,
            platform_facts::reason,
            platform_facts::remedy,
            platform_facts::observed_at,
            platform_facts::expires_at,
        ))
        .load(connection)?;
    let facts = rows.into_iter().map(fact).collect::<Result<_, Error>>()?;
    Ok(Platform::new(facts))
}

fn fact(row: Row) -> Result<PlatformFact, Error> {
    let (subject, key, name, value, health, reason, remedy, observed_at, expires_at) = row;
    let place = Place {
        table: "platform_facts",
        row: &name,
    };
    Ok(PlatformFact {
        about: place.read("subject", Subject::from_key(&subject, &key))?,
        name: place.read("name", FactName::from_name(&name))?,
        value,
        health: place.read("health", Health::from_name(&health))?,
        reason,
        remedy,
        observed_at: Timestamp::from_micros(observed_at),
        expires_at: expires_at.map(Timestamp::from_micros),
    })
}
