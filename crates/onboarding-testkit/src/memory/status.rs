//! What WhatsApp says of our messages.

use onboarding_core::{
    CompanyId, DeliveryProgress, OutboxState, StatusReport, Timestamp,
    ports::{InboxItem, StatusEffect},
};

use super::world::{InboxEnd, OutboxRow, World};

impl World {
    /// Without the lease nothing changes (INV-17): who has it now reports the same.
    pub(super) fn apply_status(
        &mut self,
        item: &InboxItem,
        report: &StatusReport,
        now: Timestamp,
    ) -> StatusEffect {
        let Some(row) = self.leased(item.lease.id, item.lease.token) else {
            return StatusEffect::Recorded;
        };
        row.end(InboxEnd::Finished("a status".to_owned()));
        match self.reported(&item.company, report) {
            Some(message) => message.move_to(report, now),
            None => StatusEffect::UnknownMessage,
        }
    }

    /// Our own id first: it is there before WhatsApp's answer to the send is.
    fn reported(&mut self, company: &CompanyId, report: &StatusReport) -> Option<&mut OutboxRow> {
        let by_ours = |row: &OutboxRow| Some(row.message.id) == report.outbox_id;
        let by_theirs = |row: &OutboxRow| row.provider_id.as_ref() == Some(&report.provider_id);
        let find = |is_it: &dyn Fn(&OutboxRow) -> bool| {
            self.outbox
                .iter()
                .position(|row| row.company == *company && is_it(row))
        };
        let place = find(&by_ours).or_else(|| find(&by_theirs))?;
        self.outbox.get_mut(place)
    }
}

impl OutboxRow {
    fn move_to(&mut self, report: &StatusReport, now: Timestamp) -> StatusEffect {
        self.statuses.extend(report.progress);
        self.provider_id.get_or_insert_with(|| report.provider_id.clone());
        // A message that we gave up counts as failed: only proof that it arrived after all moves it.
        let given_up = (self.state == OutboxState::Failed).then_some(DeliveryProgress::Failed);
        let Some(progress) = report
            .progress
            .filter(|next| next.may_follow(self.progress.or(given_up)))
        else {
            return StatusEffect::Recorded;
        };
        self.progress = Some(progress);
        self.settled_at.get_or_insert(now);
        self.lease = None;
        if progress != DeliveryProgress::Failed {
            self.state = OutboxState::Accepted;
            return StatusEffect::Recorded;
        }
        self.state = OutboxState::Failed;
        self.refusal.clone_from(&report.error);
        if self.message.purpose.brings_the_client() {
            StatusEffect::InvitationFailed(self.message.id)
        } else {
            StatusEffect::Recorded
        }
    }
}
