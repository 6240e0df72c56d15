//! What a message tells of its sender beyond what it says.

use super::{
    DisputeReason, EndedRooms, IdentityEventKind, IdentityStep, NewDispute, Reconciliation, are_two_people,
    differ, phone_key, revision_of, rooms_clash, shown,
};
use crate::{
    AliasKind, ClientAliases, ClientFacts, DisputeId, Draw, IdentityEventId, KnownIdentity, Timestamp,
    audit::Origin,
};

/// What must be put right before a message of `sender` can be decided on; `None` when nothing stands in the way.
///
/// Pure. After a [`IdentityStep::Change`] was stored, the facts are loaded and looked at again: one step at a time, each
/// brings the records nearer to what WhatsApp shows, until none is left. A [`IdentityStep::Dispute`] is asked once;
/// while it is open, both keep what they have.
pub fn reconcile(
    sender: &ClientAliases,
    client: &ClientFacts,
    now: Timestamp,
    draw: &mut Draw,
) -> Option<IdentityStep> {
    let me = client.identity.as_ref()?;
    if me.is_stale(sender) {
        return None;
    }
    match client.others.first() {
        None => alone(sender, me, now, draw),
        Some(other) => with_another(sender, me, other, now, draw),
    }
}

impl KnownIdentity {
    /// Whether these aliases are ones that this client had before: a message that was long under way. Nothing is to be
    /// learned from it.
    pub fn is_stale(&self, sender: &ClientAliases) -> bool {
        let former_id = sender.bsuid.as_ref().is_some_and(|id| {
            self.found_by
                .contains(&(AliasKind::Bsuid, id.as_str().to_owned()))
                && differ(self.aliases.bsuid.as_ref(), Some(id))
        });
        former_id || phone_key(sender).is_some_and(|phone| self.gave_up.contains(&phone))
    }

    fn was_found_by_phone_alone(&self) -> bool {
        self.found_by.iter().all(|(kind, _)| *kind == AliasKind::Phone)
    }
}

fn alone(
    sender: &ClientAliases,
    me: &KnownIdentity,
    now: Timestamp,
    draw: &mut Draw,
) -> Option<IdentityStep> {
    if me.was_found_by_phone_alone() {
        // F56: the phone with another id is another person.
        return are_two_people(sender, &me.aliases).then(|| displace(me, now, draw).step());
    }
    let phone = phone_key(sender)?;
    let moved = differ(phone_key(&me.aliases).as_ref(), Some(&phone)) && !me.found_by.contains(&phone);
    moved.then(|| {
        let finding = format!(
            "The client writes from {} now and no longer from {}; the id is the same.",
            shown(sender.wa_id.as_ref()),
            shown(me.aliases.wa_id.as_ref())
        );
        let change = Reconciliation {
            aliases: sender.over(&me.aliases),
            claims: sender.keys(),
            releases: phone_key(&me.aliases).into_iter().collect(),
            phone_since: Some(now),
            ..change(IdentityEventKind::Rekeyed, me, finding, now, draw)
        };
        change.step()
    })
}

fn with_another(
    sender: &ClientAliases,
    me: &KnownIdentity,
    other: &KnownIdentity,
    now: Timestamp,
    draw: &mut Draw,
) -> Option<IdentityStep> {
    if me.disputes.contains(&other.id) {
        return None;
    }
    let ask = |reason, draw: &mut Draw| ask(me, other, reason, now, draw);
    let another_phone = differ(phone_key(&me.aliases).as_ref(), phone_key(sender).as_ref());
    if other.was_found_by_phone_alone() && are_two_people(sender, &other.aliases) {
        return if another_phone {
            ask(DisputeReason::TwoPhones, draw)
        } else {
            Some(displace(other, now, draw).step())
        };
    }
    if differ(
        phone_key(&me.aliases).as_ref(),
        phone_key(&other.aliases).as_ref(),
    ) || another_phone
    {
        return ask(DisputeReason::TwoPhones, draw);
    }
    if are_two_people(&me.aliases, &other.aliases) {
        return ask(DisputeReason::TwoIds, draw);
    }
    if rooms_clash(me, other) {
        return ask(DisputeReason::RoomsClash, draw);
    }
    let aliases = sender.over(&me.aliases.over(&other.aliases));
    let finding = format!(
        "One message showed the aliases of two records, which are one client's: {}, and the WhatsApp id.",
        shown(aliases.wa_id.as_ref())
    );
    Some(merge(me, other, aliases, finding, now, draw).step())
}

impl Reconciliation {
    pub(super) fn step(self) -> IdentityStep {
        IdentityStep::Change(Box::new(self))
    }
}

/// The phone of `former` is another person's now.
pub(super) fn displace(former: &KnownIdentity, now: Timestamp, draw: &mut Draw) -> Reconciliation {
    let finding = format!(
        "The phone {} is another person's now: it came with another id. The rooms of the client who had it are over.",
        shown(former.aliases.wa_id.as_ref())
    );
    let mut left: Vec<_> = phone_key(&former.aliases).into_iter().collect();
    let by_phone = former
        .found_by
        .iter()
        .filter(|(kind, _)| *kind == AliasKind::Phone);
    left.extend(by_phone.cloned());
    left.sort_unstable();
    left.dedup();
    Reconciliation {
        aliases: ClientAliases {
            wa_id: None,
            ..former.aliases.clone()
        },
        releases: left,
        ends: EndedRooms::All,
        ..change(IdentityEventKind::Displaced, former, finding, now, draw)
    }
}

/// `other` goes up in `kept`. Who opted out under one of the two opted out: then every room is over.
pub(super) fn merge(
    kept: &KnownIdentity,
    other: &KnownIdentity,
    aliases: ClientAliases,
    finding: String,
    now: Timestamp,
    draw: &mut Draw,
) -> Reconciliation {
    let opted_out_at = match (kept.opted_out_at, other.opted_out_at) {
        (Some(one), Some(another)) => Some(one.min(another)),
        (one, another) => one.or(another),
    };
    let live = kept.rooms.iter().chain(&other.rooms).filter(|room| room.live);
    let ends = if opted_out_at.is_some() {
        EndedRooms::These(live.map(|room| room.room).collect())
    } else {
        EndedRooms::None
    };
    Reconciliation {
        claims: aliases.keys(),
        aliases,
        absorbs: Some(revision_of(other)),
        ends,
        opted_out_at,
        ..change(IdentityEventKind::Merged, kept, finding, now, draw)
    }
}

/// A question about the alias by which `other` was found.
pub(super) fn ask(
    me: &KnownIdentity,
    other: &KnownIdentity,
    reason: DisputeReason,
    now: Timestamp,
    draw: &mut Draw,
) -> Option<IdentityStep> {
    Some(IdentityStep::Dispute(NewDispute {
        id: DisputeId::from_uuid(draw.uuid(now)),
        identity: me.id,
        other: other.id,
        alias: other.found_by.first()?.clone(),
        reason,
    }))
}

/// A change of `known` that leaves everything as it is.
pub(super) fn change(
    kind: IdentityEventKind,
    known: &KnownIdentity,
    finding: String,
    now: Timestamp,
    draw: &mut Draw,
) -> Reconciliation {
    Reconciliation {
        id: IdentityEventId::from_uuid(draw.uuid(now)),
        kind,
        identity: revision_of(known),
        aliases: known.aliases.clone(),
        claims: Vec::new(),
        releases: Vec::new(),
        phone_since: None,
        absorbs: None,
        ends: EndedRooms::None,
        opted_out_at: known.opted_out_at,
        settles: None,
        finding,
        by: Origin::flow(),
    }
}
