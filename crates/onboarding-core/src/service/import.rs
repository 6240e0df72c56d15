//! Imports: judges a table, makes a job of it, and works on jobs batch by batch.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crate::{
    CompanyId, Draw, ImportId, LeaseToken, UserId,
    audit::Origin,
    config::{CompanyConfig, ConfigChange},
    import::{
        Import, ImportRow, ImportState, ImportTable, NewImport, Preview, RefusedRow, SettledBatch, Verdict,
        batches, judge,
    },
    ports::{
        BatchOutcome, Clock, CompanyAdministration, Entropy, Imports, LeasedImport, OnboardingStore,
        StoreError,
    },
};

/// How long a batch may take before another replica takes the import over. What dies is taken up again after that.
const LEASE: Duration = Duration::from_secs(15);

/// How often a batch is judged anew because the company changed meanwhile.
const MOST_ATTEMPTS: u32 = 20;

/// What became of the wish to begin an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It runs.
    Running(Box<Import>),
    /// Nothing begins, because these rows are refused and were not to be left out.
    Refused(Vec<RefusedRow>),
    /// Another import of the company runs.
    Busy,
    /// There is no such company.
    NoCompany,
}

/// What became of a step of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stepped {
    /// There is more to do.
    More,
    /// The import is over, or another replica has it.
    Over,
    /// The company changes all the time; the import waits for another turn.
    Contended,
}

/// Judges, begins and works.
#[derive(Clone)]
pub struct ImportService {
    config: Arc<dyn CompanyAdministration>,
    imports: Arc<dyn Imports>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl ImportService {
    /// On one store.
    pub fn on_store(
        store: &Arc<dyn OnboardingStore>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            config: store.clone(),
            imports: store.clone(),
            clock,
            entropy,
        }
    }

    /// What the table would do now; changes nothing. `None` for a company that does not exist.
    pub async fn preview(
        &self,
        company: &CompanyId,
        table: &ImportTable,
        may_give_roles: bool,
    ) -> Result<Option<Preview>, StoreError> {
        let present = self.config.config(company).await?;
        Ok(present.map(|(config, _)| Preview::of(&config, table, may_give_roles)))
    }

    /// Begins the import of a table that is whole, or without its refused rows if they are to be left out.
    pub async fn begin(
        &self,
        company: &CompanyId,
        table: &ImportTable,
        may_give_roles: bool,
        leave_out_refused: bool,
        by: &Origin,
    ) -> Result<Begun, StoreError> {
        let Some((config, _)) = self.config.config(company).await? else {
            return Ok(Begun::NoCompany);
        };
        let preview = Preview::of(&config, table, may_give_roles);
        let refused = preview.refused();
        if !refused.is_empty() && !leave_out_refused {
            return Ok(Begun::Refused(refused));
        }
        let now = self.clock.now();
        let id = ImportId::from_uuid(Draw::from_seed(self.entropy.seed()).uuid(now));
        let import = NewImport {
            id,
            may_give_roles,
            batches: batched(&config, table, &preview),
            refused,
        };
        if !self.imports.begin_import(company, import, by, now).await? {
            return Ok(Begun::Busy);
        }
        let import = self.imports.import(company, id).await?;
        Ok(import.map_or(Begun::NoCompany, |import| Begun::Running(Box::new(import))))
    }

    /// The import that is to be worked on, if there is one that nobody works on.
    pub async fn lease(&self) -> Result<Option<LeasedImport>, StoreError> {
        let now = self.clock.now();
        let token = LeaseToken::from_uuid(Draw::from_seed(self.entropy.seed()).uuid(now));
        self.imports.lease_import(now, LEASE, token).await
    }

    /// Makes the next batch of a leased import.
    pub async fn step(&self, lease: &LeasedImport) -> Result<Stepped, StoreError> {
        for _ in 0..MOST_ATTEMPTS {
            let rows = self.imports.next_batch(lease).await?;
            let Some((config, revision)) = self.config.config(&lease.company).await? else {
                return Ok(Stepped::Over);
            };
            let now = self.clock.now();
            let mut draw = Draw::from_seed(self.entropy.seed());
            let settled = settle(&config, revision, &rows, lease.may_give_roles, || {
                UserId::from_uuid(draw.uuid(now))
            });
            match self.imports.settle_batch(lease, settled, now, LEASE).await? {
                BatchOutcome::Settled(ImportState::Running) => return Ok(Stepped::More),
                BatchOutcome::Settled(_) | BatchOutcome::LeaseLost => return Ok(Stepped::Over),
                BatchOutcome::Stale => {}
            }
        }
        Ok(Stepped::Contended)
    }
}

/// The rows that are not refused, in batches.
fn batched(config: &CompanyConfig, table: &ImportTable, preview: &Preview) -> Vec<Vec<ImportRow>> {
    let rows: HashMap<_, _> = table.rows.iter().map(|row| (row.line, row)).collect();
    let batch = |places: Vec<usize>| {
        let rows = places
            .into_iter()
            .filter_map(|place| rows.get(&preview.rows[place].line));
        rows.map(|row| (*row).clone()).collect()
    };
    batches(config, &preview.rows).into_iter().map(batch).collect()
}

/// What is to be stored of a batch, judged on the company as it is.
fn settle(
    config: &CompanyConfig,
    revision: u64,
    rows: &[ImportRow],
    may_give_roles: bool,
    mut new_id: impl FnMut() -> UserId,
) -> SettledBatch {
    let judged = Preview {
        rows: judge(config, rows, may_give_roles),
    };
    let mut settled = SettledBatch {
        revision,
        changes: Vec::new(),
        done: Vec::new(),
        counts: judged.counts(),
        refused: judged.refused(),
    };
    for row in judged.rows {
        match row.verdict {
            Verdict::Refuse(_) => continue,
            Verdict::Keep => {}
            Verdict::Create(user) | Verdict::Change { after: user, .. } => {
                settled.changes.push(ConfigChange::PutUser {
                    new_id: new_id(),
                    user: *user,
                });
            }
        }
        settled.done.push(row.line);
    }
    settled
}
