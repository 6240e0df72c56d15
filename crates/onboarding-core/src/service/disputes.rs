//! What a person decides about two records of clients.

use std::sync::Arc;

use crate::{
    CompanyId, DisputeId, DisputeVerdict, Draw,
    audit::Origin,
    ports::{ClientReconciliation, Clock, Entropy, ReconcileOutcome, StoreError},
    settle,
};

/// How often a verdict is carried out again when clients write meanwhile.
const MAX_TRIES: usize = 5;

/// What became of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerdictOutcome {
    /// It is carried out.
    Settled,
    /// No such question is open.
    NotOpen,
    /// The clients wrote time and again meanwhile; try again.
    Contended,
}

/// Carries out what a person decided.
pub struct DisputeService {
    reconciliation: Arc<dyn ClientReconciliation>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl DisputeService {
    /// On these ports.
    pub fn new(
        reconciliation: Arc<dyn ClientReconciliation>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            reconciliation,
            clock,
            entropy,
        }
    }

    /// Carries the verdict out, all of it or nothing; see [`settle`].
    pub async fn settle(
        &self,
        company: &CompanyId,
        id: DisputeId,
        verdict: DisputeVerdict,
        by: &Origin,
    ) -> Result<VerdictOutcome, StoreError> {
        let now = self.clock.now();
        let mut draw = Draw::from_seed(self.entropy.seed());
        for _ in 0..MAX_TRIES {
            let Some(dispute) = self.reconciliation.open_dispute(company, id).await? else {
                return Ok(VerdictOutcome::NotOpen);
            };
            let change = settle(&dispute, verdict, by, now, &mut draw);
            let outcome = self.reconciliation.reconcile(company, change, now).await?;
            if outcome == ReconcileOutcome::Reconciled {
                return Ok(VerdictOutcome::Settled);
            }
        }
        Ok(VerdictOutcome::Contended)
    }
}
