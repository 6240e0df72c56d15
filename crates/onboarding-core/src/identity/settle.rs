//! What follows when a person has decided whether two records are one client's.

use super::{
    Dispute, EndedRooms, IdentityEventKind, Reconciliation, in_the_way, phone_key,
    reconcile::{change, merge},
};
use crate::{AliasKind, ClientAliases, Draw, Timestamp, audit::Origin, named::named_enum};

named_enum! {
    /// What a person said.
    DisputeVerdict {
        /// They are one client.
        Same = "same",
        /// They are two: the alias in question is that of the one who wrote last.
        Different = "different",
    }
}

/// The change that a verdict asks for.
///
/// Same: the other record goes up in that of the one who wrote; where both have a live room with one user or on one
/// number, the other's ends. Different: the other loses the alias in question and all live rooms, as when WhatsApp
/// shows a phone with another id; the next message of the one who wrote brings it to them.
pub fn settle(
    dispute: &Dispute,
    verdict: DisputeVerdict,
    by: &Origin,
    now: Timestamp,
    draw: &mut Draw,
) -> Reconciliation {
    let (identity, other) = (&dispute.identity, &dispute.other);
    let change = match verdict {
        DisputeVerdict::Same => {
            let aliases = identity.aliases.over(&other.aliases);
            let lost = phone_key(&other.aliases).filter(|phone| Some(phone) != phone_key(&aliases).as_ref());
            let finding = "A person decided that the two records are one client's.".to_owned();
            let merged = merge(identity, other, aliases, finding, now, draw);
            let ends = match merged.ends {
                EndedRooms::None => EndedRooms::These(in_the_way(identity, other)),
                all => all,
            };
            Reconciliation {
                ends,
                releases: lost.into_iter().collect(),
                ..merged
            }
        }
        DisputeVerdict::Different => {
            let finding = "A person decided that these are two clients: the alias in question is another person's now, \
                           and the rooms of the one who had it are over.";
            Reconciliation {
                aliases: without(&other.aliases, dispute.question.alias.0),
                releases: vec![dispute.question.alias.clone()],
                ends: EndedRooms::All,
                ..change(IdentityEventKind::Displaced, other, finding.to_owned(), now, draw)
            }
        }
    };
    Reconciliation {
        settles: Some((dispute.question.id, verdict)),
        by: by.clone(),
        ..change
    }
}

fn without(aliases: &ClientAliases, kind: AliasKind) -> ClientAliases {
    let mut left = aliases.clone();
    match kind {
        AliasKind::Phone => left.wa_id = None,
        AliasKind::Bsuid => left.bsuid = None,
        AliasKind::ParentBsuid => left.parent_bsuid = None,
    }
    left
}
