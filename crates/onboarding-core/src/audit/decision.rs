//! The entries of what the flow does by itself, and of what is done to its queues.

use uuid::Uuid;

use super::{
    AuditAction, AuditHash, AuditSubject, AuditValue, NewAuditEntry, Origin, SubjectKind,
    entry::{write_option, write_text},
};
use crate::{
    ChatRoomId, Decision, IgnoreReason, InboxId, InvitationFailure, NewOutbound, OnboardingId, OptOutChange,
    Outcome, ProspectChange, RoomState, RoomUpdate, Timestamp,
    ports::{ActCommit, Commit, DeadLetterKind, OnboardingRecord},
};

impl Commit {
    /// The record of this decision, as it is read back.
    pub fn record(&self) -> OnboardingRecord {
        let (decision, message) = (&self.decision, &self.request.message);
        OnboardingRecord {
            id: self.onboarding,
            decided_at: self.decided_at,
            sent_at: message.sent_at,
            account: self.request.account,
            identity: decision.identity.as_ref().map(|change| change.id),
            text: message.texts.join("\n"),
            outcome: decision.outcome.name().to_owned(),
            user: decision.outcome.user(),
            room: decision.outcome.room(),
            suppressed: decision.suppressed,
            trace: decision.trace.clone(),
        }
    }

    /// What this decision changes, by ids. What the client wrote and the trace stay in the record, under the id of the
    /// entry's subject; the entry holds [`OnboardingRecord::digest`], so that a change of either shows.
    pub fn audit_entry(&self) -> NewAuditEntry {
        let subject = AuditSubject::new(SubjectKind::Onboarding, self.onboarding);
        let mut after = changes(&self.decision);
        if let AuditValue::Object(members) = &mut after {
            members.insert("account".to_owned(), AuditValue::shown(self.request.account));
            members.insert("inbound_element".to_owned(), AuditValue::shown(self.cause.id));
            members.insert("record".to_owned(), AuditValue::shown(self.record().digest()));
        }
        NewAuditEntry::new(&Origin::flow(), AuditAction::Decide, &subject, self.decided_at).after(&after)
    }
}

fn changes(decision: &Decision) -> AuditValue {
    let ignored = match decision.outcome {
        Outcome::Ignored(reason) => Some(IgnoreReason::as_str(reason)),
        _ => None,
    };
    let identity = decision.identity.as_ref();
    let new_identity = identity.filter(|change| change.is_new);
    let updated = |wanted: fn(&RoomUpdate) -> Option<ChatRoomId>| {
        AuditValue::shown_or_null(decision.room_update.as_ref().and_then(wanted))
    };
    let messages: Vec<_> = decision
        .messages
        .iter()
        .map(|message| AuditValue::shown(message.id))
        .collect();
    AuditValue::object([
        ("outcome", decision.outcome.name().into()),
        ("ignored_because", ignored.into()),
        ("user", AuditValue::shown_or_null(decision.outcome.user())),
        (
            "identity",
            AuditValue::shown_or_null(identity.map(|change| change.id)),
        ),
        ("new_identity", new_identity.map(|_| true).into()),
        (
            "new_profile",
            AuditValue::shown_or_null(decision.new_profile.as_ref().map(|new| new.id)),
        ),
        (
            "bound_profile",
            AuditValue::shown_or_null(decision.identity.as_ref().and_then(|change| change.profile)),
        ),
        (
            "assigned_profile",
            AuditValue::shown_or_null(decision.assignment.map(|(profile, _)| profile)),
        ),
        (
            "new_room",
            AuditValue::shown_or_null(decision.new_room.as_ref().map(|new| new.id)),
        ),
        (
            "secondary",
            AuditValue::shown_or_null(decision.new_room.as_ref().map(|new| new.account)),
        ),
        (
            "reminded_room",
            updated(|update| match update {
                RoomUpdate::Reminded { room, .. } | RoomUpdate::LinkSentAgain { room, .. } => Some(*room),
                RoomUpdate::Activated { .. } => None,
            }),
        ),
        (
            "activated_room",
            updated(|update| match update {
                RoomUpdate::Activated { room } => Some(*room),
                RoomUpdate::Reminded { .. } | RoomUpdate::LinkSentAgain { .. } => None,
            }),
        ),
        ("kept_in_room", AuditValue::shown_or_null(decision.kept_in_room)),
        (
            "new_prospect",
            AuditValue::shown_or_null(decision.new_prospect.as_ref().map(|new| new.id)),
        ),
        (
            "changed_prospect",
            AuditValue::shown_or_null(decision.prospect.map(ProspectChange::prospect)),
        ),
        (
            "closed_rooms",
            AuditValue::set(decision.closings.iter().map(|closing| closing.room)),
        ),
        (
            "opted_out",
            decision.opt_out.map(|change| change == OptOutChange::Out).into(),
        ),
        ("messages", AuditValue::List(messages)),
        ("suppressed", decision.suppressed.into()),
    ])
}

impl ActCommit {
    /// What this act changes, by ids.
    pub fn audit_entry(&self) -> NewAuditEntry {
        let act = &self.act;
        let closing = act.closing.as_ref();
        let messages = act.messages.iter().map(|message| AuditValue::shown(message.id));
        let after = AuditValue::object([
            ("kind", act.kind.as_str().into()),
            ("user", AuditValue::shown(act.user)),
            ("identity", AuditValue::shown(act.identity)),
            (
                "closed_room",
                AuditValue::shown_or_null(closing.map(|closing| closing.room)),
            ),
            (
                "closed_because",
                closing.map(|closing| closing.end.reason.as_str()).into(),
            ),
            (
                "new_profile",
                AuditValue::shown_or_null(act.new_profile.as_ref().map(|new| new.id)),
            ),
            ("bound_profile", AuditValue::shown_or_null(act.binds)),
            (
                "assigned_profile",
                AuditValue::shown_or_null(act.assignment.map(|(profile, _)| profile)),
            ),
            (
                "new_room",
                AuditValue::shown_or_null(act.new_room.as_ref().map(|room| room.id)),
            ),
            (
                "secondary",
                AuditValue::shown_or_null(act.new_room.as_ref().map(|room| room.account)),
            ),
            (
                "changed_prospect",
                AuditValue::shown_or_null(act.prospect.map(ProspectChange::prospect)),
            ),
            ("messages", AuditValue::List(messages.collect())),
        ]);
        let subject = AuditSubject::new(SubjectKind::Act, self.id);
        NewAuditEntry::new(&self.origin, AuditAction::Decide, &subject, self.decided_at).after(&after)
    }
}

impl OnboardingRecord {
    /// The SHA-256 of everything in the record, its trace included. The same on every store: U+0000, which some cannot
    /// keep, counts as U+FFFD.
    pub fn digest(&self) -> AuditHash {
        let mut bytes = b"onboarding-record-1\0".to_vec();
        let mut text = |text: &str| write_text(&mut bytes, &text.replace('\0', "\u{FFFD}"));
        text(&self.id.to_string());
        text(&self.account.to_string());
        text(&self.text);
        text(&self.outcome);
        for step in self.trace.steps() {
            text("step");
            text(step.stage.as_str());
            text(&step.finding);
            for candidate in &step.candidates {
                text("candidate");
                text(&candidate.subject);
                text(candidate.verdict.as_str());
                text(&candidate.reason);
            }
        }
        // After the steps, of which there may be any number, this word ends them.
        text("end");
        write_option(&mut bytes, self.identity.map(|id| id.to_string()).as_deref());
        write_option(&mut bytes, self.user.map(|id| id.to_string()).as_deref());
        write_option(&mut bytes, self.room.map(|id| id.to_string()).as_deref());
        bytes.push(u8::from(self.suppressed));
        bytes.extend(self.decided_at.as_micros().to_be_bytes());
        bytes.extend(self.sent_at.as_micros().to_be_bytes());
        AuditHash::of(&bytes)
    }
}

/// The subject of an entry about a recorded decision.
pub fn onboarding_subject(id: OnboardingId) -> AuditSubject {
    AuditSubject::new(SubjectKind::Onboarding, id)
}

/// The subject of an entry about a room.
pub fn room_subject(id: ChatRoomId) -> AuditSubject {
    AuditSubject::new(SubjectKind::ChatRoom, id)
}

impl InvitationFailure {
    /// The room is over because its invitation could not be delivered, or waits for its client to come by the link.
    pub fn audit_entry(&self, now: Timestamp) -> NewAuditEntry {
        let state = |state: RoomState| ("state", AuditValue::shown(state));
        let notice = self.notice.as_ref().map(|notice: &NewOutbound| notice.id);
        let (ends_as, action) = match self.link_until {
            Some(_) => (RoomState::Invited, AuditAction::Change),
            None => (RoomState::Failed, AuditAction::Fail),
        };
        let after = AuditValue::object([
            state(ends_as),
            ("reason", self.reason.as_str().into()),
            ("notice", AuditValue::shown_or_null(notice)),
        ]);
        NewAuditEntry::new(&Origin::flow(), action, &room_subject(self.room.id), now)
            .before(&AuditValue::object([state(self.room.state)]))
            .after(&after)
    }
}

/// A dead letter is tried again.
pub fn replay_entry(by: &Origin, kind: DeadLetterKind, id: Uuid, now: Timestamp) -> NewAuditEntry {
    let kind = match kind {
        DeadLetterKind::Inbound => SubjectKind::InboundElement,
        DeadLetterKind::Outbound => SubjectKind::OutboundMessage,
    };
    NewAuditEntry::new(by, AuditAction::Replay, &AuditSubject::new(kind, id), now)
}

/// A queued element was given up and waits for a person. `reason` holds no personal data.
pub fn buried_entry(id: InboxId, reason: &str, now: Timestamp) -> NewAuditEntry {
    let subject = AuditSubject::new(SubjectKind::InboundElement, id);
    NewAuditEntry::new(&Origin::flow(), AuditAction::Fail, &subject, now)
        .after(&AuditValue::object([("reason", reason.into())]))
}
