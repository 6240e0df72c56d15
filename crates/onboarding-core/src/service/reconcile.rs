//! Puts the record of clients right before a message is decided on.

use std::time::Duration;

use super::{Processed, ReceiveService};
use crate::{
    AliasKind, ClientFacts, Company, CompanyId, Draw, IdentityStep, IdentityUpdate, InboundMessage,
    Timestamp,
    ports::{InboxItem, ReconcileOutcome, StoreError},
    reconcile, reconcile_update,
};

/// How many steps are taken at once. Three are the most that rules ask for; the rest is for others who are faster.
const MAX_STEPS: usize = 8;

impl ReceiveService {
    /// What is known of the sender, after whatever the message tells of their aliases was stored.
    pub(super) async fn client(
        &self,
        company: &Company,
        message: &InboundMessage,
        now: Timestamp,
        draw: &mut Draw,
    ) -> Result<ClientFacts, StoreError> {
        let keys = message.sender.keys();
        let mut put_right = Vec::new();
        for _ in 0..MAX_STEPS {
            let client = self.identify(company, &keys, now).await?;
            let step = reconcile(&message.sender, &client, now, draw).filter(|_| !message.in_group);
            match step {
                Some(IdentityStep::Change(change)) => {
                    let finding = change.finding.clone();
                    if self.reconciled(&company.id, *change, now).await? {
                        put_right.push(finding);
                    }
                    continue;
                }
                Some(IdentityStep::Dispute(question)) => {
                    self.ports
                        .reconciliation
                        .dispute(&company.id, question, now)
                        .await?;
                }
                None => {}
            }
            return Ok(ClientFacts { put_right, ..client });
        }
        // Others are at it. The decision learns nothing from aliases in question, and conflicts if it must.
        Ok(ClientFacts {
            put_right,
            ..self.identify(company, &keys, now).await?
        })
    }

    /// WhatsApp told of a change. Each step is stored on its own and knows when it was taken: should the process die on
    /// the way, the element is handled again and goes on where it stood.
    pub(super) async fn on_identity_update(
        &self,
        item: &InboxItem,
        update: &IdentityUpdate,
        now: Timestamp,
        draw: &mut Draw,
    ) -> Result<Processed, StoreError> {
        let Some(company) = self.ports.companies.company(&item.company).await? else {
            return self.bury(item, "the company is gone", now).await;
        };
        let mut note = "a client changed their number: nothing to change";
        for _ in 0..MAX_STEPS {
            let client = self.identify(&company, &update.keys(), now).await?;
            match reconcile_update(update, &client, now, draw) {
                Some(IdentityStep::Change(change)) => {
                    if self.reconciled(&company.id, *change, now).await? {
                        note = "a client changed their number: their record follows";
                    }
                    continue;
                }
                Some(IdentityStep::Dispute(question)) => {
                    self.ports
                        .reconciliation
                        .dispute(&company.id, question, now)
                        .await?;
                    note = "a client changed their number: a person is asked";
                }
                None => {}
            }
            self.ports.inbox.finish(item, note, now).await?;
            return Ok(Processed::Reconciled);
        }
        self.ports
            .inbox
            .retry_at(item, now + Duration::from_millis(50))
            .await?;
        Ok(Processed::Contended)
    }

    async fn identify(
        &self,
        company: &Company,
        keys: &[(AliasKind, String)],
        now: Timestamp,
    ) -> Result<ClientFacts, StoreError> {
        let limit = &company.settings.limits.wrong_extensions;
        let replies_since = now - Duration::from_hours(1);
        let guesses_since = now - (limit.within + limit.lock);
        let clients = &self.ports.clients;
        clients
            .identify(&company.id, keys, replies_since, guesses_since)
            .await
    }

    async fn reconciled(
        &self,
        company: &CompanyId,
        change: crate::Reconciliation,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let outcome = self.ports.reconciliation.reconcile(company, change, now).await?;
        Ok(outcome == ReconcileOutcome::Reconciled)
    }
}
