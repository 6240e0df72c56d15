//! What a decision learns of the client's aliases.

use super::{ClientFacts, IdentityChange};
use crate::{AliasKind, ClientAliases, ClientIdentityId, Draw, Timestamp};

/// The client's record after this message. [`crate::reconcile`] has put right before what is not merely new.
pub(super) fn identity_change(
    sender: &ClientAliases,
    client: &ClientFacts,
    now: Timestamp,
    draw: &mut Draw,
) -> IdentityChange {
    let Some(known) = &client.identity else {
        return IdentityChange {
            id: ClientIdentityId::from_uuid(draw.uuid(now)),
            is_new: true,
            revision: 0,
            aliases: sender.clone(),
            claims: sender.keys(),
            phone_since: client.phone_left_at,
            profile: None,
        };
    };
    if known.is_stale(sender) || !client.others.is_empty() {
        // Old aliases, or such as may be another client's: only what identifies nobody is taken over.
        let names = ClientAliases {
            username: sender.username.clone(),
            profile_name: sender.profile_name.clone(),
            ..ClientAliases::default()
        };
        return IdentityChange {
            id: known.id,
            is_new: false,
            revision: known.revision,
            aliases: names.over(&known.aliases),
            claims: Vec::new(),
            phone_since: None,
            profile: None,
        };
    }
    let held = known.aliases.keys();
    let claims: Vec<_> = sender
        .keys()
        .into_iter()
        .filter(|key| !held.contains(key))
        .collect();
    let learns_phone = claims.iter().any(|(kind, _)| *kind == AliasKind::Phone);
    IdentityChange {
        id: known.id,
        is_new: false,
        revision: known.revision,
        aliases: sender.over(&known.aliases),
        claims,
        phone_since: client.phone_left_at.filter(|_| learns_phone),
        profile: None,
    }
}
