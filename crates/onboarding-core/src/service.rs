//! The services: they load the facts through the ports, let the pure rules decide, and store the decision.

mod act;
mod audit;
mod deliver;
mod disputes;
mod import;
mod ingest;
mod limits;
mod platform;
mod pools;
mod profiles;
mod receive;
mod reconcile;
mod retention;
mod settlement;
mod upkeep;

pub use act::{ActPorts, ActService, Acted, Wish};
pub use audit::{verify_audit, verify_records};
pub use deliver::{DeliverPorts, DeliverService, Delivered};
pub use disputes::{DisputeService, VerdictOutcome};
pub use import::{Begun, ImportService, Stepped};
pub use ingest::{IncomingDelivery, IncomingElement, IngestReport, IngestService};
pub use limits::messaging_left;
pub use platform::{Inspection, PlatformPorts, PlatformService};
pub use pools::{PoolPorts, PoolService};
pub use profiles::ProfileService;
pub use receive::{Processed, ReceivePorts, ReceiveService};
pub use retention::RetentionService;
pub use settlement::{MAX_TRIES, UNKNOWN_WAIT, settlement_of};
pub use upkeep::{Settled, UpkeepService, Upkept};

use std::sync::Arc;

use crate::{
    CompanyId, Draw, LeaseToken, OutboxId, SendRefusal, Timestamp, invitation_failed,
    ports::{Outbox, StoreError},
};

/// How many rows a worker asks for at once.
fn fresh_tokens(count: usize, now: Timestamp, draw: &mut Draw) -> Vec<LeaseToken> {
    std::iter::repeat_with(|| LeaseToken::from_uuid(draw.uuid(now)))
        .take(count)
        .collect()
}

/// Follows up an invitation, or the link in its place, that failed for good: the room fails, who can be told is told.
/// Idempotent.
async fn follow_up_failed_invitation(
    outbox: &Arc<dyn Outbox>,
    company: &CompanyId,
    invitation: OutboxId,
    refusal: &SendRefusal,
    now: Timestamp,
    draw: &mut Draw,
) -> Result<(), StoreError> {
    crate::crash_point!("follow_up.before");
    let Some(context) = outbox.invitation_context(company, invitation).await? else {
        return Ok(());
    };
    let Some(failure) = invitation_failed(&context, refusal, now, draw) else {
        return Ok(());
    };
    crate::crash_point!("follow_up.between");
    outbox.fail_room(company, failure, now).await?;
    crate::crash_point!("follow_up.after");
    Ok(())
}
