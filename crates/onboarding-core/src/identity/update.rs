//! What WhatsApp tells of a client who changed their number (Meta: system messages).

use std::fmt;

use super::{
    DisputeReason, IdentityEventKind, IdentityStep, Reconciliation, are_two_people, differ, phone_key,
    reconcile::{ask, change, displace, merge},
    rooms_clash, shown,
};
use crate::{AliasKind, ClientAliases, ClientFacts, Draw, KnownIdentity, Timestamp};

/// A client is known by other aliases from now on: `user_changed_number` and `user_changed_user_id`.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityUpdate {
    /// As they were known.
    pub previous: ClientAliases,
    /// As they are known now. A phone that is not told is hidden from us: the old one is theirs no longer.
    pub current: ClientAliases,
}

/// Personal data: the fact only.
impl fmt::Debug for IdentityUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityUpdate(…)")
    }
}

impl IdentityUpdate {
    /// The keys to ask for: the previous ones first.
    pub fn keys(&self) -> Vec<(AliasKind, String)> {
        let mut keys = self.previous.keys();
        for key in self.current.keys() {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }
}

/// The next step towards what WhatsApp told; `None` when it is so already, came too late, or is about nobody we know.
///
/// Pure, and to be called again after each stored change, like [`super::reconcile`]. `client` was looked up by
/// [`IdentityUpdate::keys`].
pub fn reconcile_update(
    update: &IdentityUpdate,
    client: &ClientFacts,
    now: Timestamp,
    draw: &mut Draw,
) -> Option<IdentityStep> {
    let me = client.identity.as_ref()?;
    let previous = update.previous.keys();
    let is_it = me.found_by.iter().any(|key| previous.contains(key));
    if !is_it || is_so_already(update, me) || came_too_late(update, me) {
        return None;
    }
    let aliases = after(update, me);
    let Some(other) = client.others.first() else {
        return Some(rekey(update, me, aliases, now, draw));
    };
    if me.disputes.contains(&other.id) {
        return None;
    }
    let by_phone_alone = other.found_by.iter().all(|(kind, _)| *kind == AliasKind::Phone);
    if by_phone_alone && are_two_people(&update.current, &other.aliases) {
        return Some(displace(other, now, draw).step());
    }
    if by_phone_alone {
        // Somebody wrote under the new phone before, without an id: the same client early, or who had it before?
        let without_phone = ClientAliases {
            wa_id: None,
            ..aliases
        };
        let has_old_phone = phone_key(&me.aliases).is_some_and(|key| previous.contains(&key));
        let has_old_id = differ(update.current.bsuid.as_ref(), me.aliases.bsuid.as_ref());
        if (has_old_phone || has_old_id) && without_phone.is_identified() {
            return Some(rekey(update, me, without_phone, now, draw));
        }
        return ask(me, other, DisputeReason::PhoneInUse, now, draw);
    }
    if are_two_people(&aliases, &other.aliases) {
        return ask(me, other, DisputeReason::TwoIds, now, draw);
    }
    if rooms_clash(me, other) {
        return ask(me, other, DisputeReason::RoomsClash, now, draw);
    }
    let known = aliases.over(&other.aliases);
    let finding = format!(
        "{} Somebody wrote under the new id already: it is the same client.",
        told(me, &known)
    );
    let change = Reconciliation {
        releases: given_up(update, me),
        ..merge(me, other, known, finding, now, draw)
    };
    Some(change.step())
}

fn is_so_already(update: &IdentityUpdate, me: &KnownIdentity) -> bool {
    let current = &update.current;
    let has_id = current.bsuid.is_none() || current.bsuid == me.aliases.bsuid;
    let phone = phone_key(&me.aliases);
    let has_phone = match phone_key(current) {
        Some(new) => phone == Some(new),
        None => phone.is_none_or(|phone| Some(phone) != phone_key(&update.previous)),
    };
    has_id && has_phone
}

/// Whether the client changed once more since.
fn came_too_late(update: &IdentityUpdate, me: &KnownIdentity) -> bool {
    let not = |id: &ClientAliases| differ(me.aliases.bsuid.as_ref(), id.bsuid.as_ref());
    update.previous.bsuid.is_some()
        && not(&update.previous)
        && (update.current.bsuid.is_none() || not(&update.current))
}

fn after(update: &IdentityUpdate, me: &KnownIdentity) -> ClientAliases {
    let current = &update.current;
    ClientAliases {
        wa_id: current.wa_id.clone(),
        // A new phone makes a new id. Where it is not told, the next message brings it.
        bsuid: current.bsuid.clone(),
        parent_bsuid: current
            .parent_bsuid
            .clone()
            .or_else(|| me.aliases.parent_bsuid.clone()),
        username: me.aliases.username.clone(),
        profile_name: me.aliases.profile_name.clone(),
    }
}

/// The old phone leads nowhere from now on: who has it next is somebody else. Old ids stay: nobody else ever gets them.
fn given_up(update: &IdentityUpdate, me: &KnownIdentity) -> Vec<(AliasKind, String)> {
    let now = phone_key(&update.current);
    phone_key(&me.aliases)
        .filter(|old| Some(old) != now.as_ref())
        .into_iter()
        .collect()
}

fn rekey(
    update: &IdentityUpdate,
    me: &KnownIdentity,
    aliases: ClientAliases,
    now: Timestamp,
    draw: &mut Draw,
) -> IdentityStep {
    let finding = format!("{} Rooms and profiles stay.", told(me, &aliases));
    let has_phone = aliases.wa_id.is_some();
    let change = Reconciliation {
        claims: aliases.keys(),
        aliases,
        releases: given_up(update, me),
        // What the company recorded under the new phone until today is of whoever had it.
        phone_since: has_phone.then_some(now),
        ..change(IdentityEventKind::Rekeyed, me, finding, now, draw)
    };
    change.step()
}

fn told(me: &KnownIdentity, aliases: &ClientAliases) -> String {
    format!(
        "WhatsApp told that the client changed from {} to {}{}.",
        shown(me.aliases.wa_id.as_ref()),
        shown(aliases.wa_id.as_ref()),
        if differ(me.aliases.bsuid.as_ref(), aliases.bsuid.as_ref()) {
            ", with a new id"
        } else {
            ""
        }
    )
}
