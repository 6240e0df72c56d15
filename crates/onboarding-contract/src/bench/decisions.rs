//! Decisions, in few words.

use onboarding_core::{
    Act, ActId, ActKind, Actor, AliasKind, ChatRoom, ChatRoomId, ClientAliases, ClientIdentityId,
    ClientProfileId, CloseReason, Closing, Decision, IdentityChange, IgnoreReason, NewOutbound, NewProfile,
    NewProspect, OfficialAccountId, OnboardingId, OrgUnitId, OutboundContent, OutboxId, Outcome, ProspectId,
    Purpose, Recipient, Request, RoomEnd, RoomState, Stage, TextKey, Timestamp, Trace, TraceStep, UserId,
    WaitsFor,
    audit::Origin,
    ports::{ActCommit, ActOutcome, Commit, CommitOutcome, InboxItem, OnboardingRecord},
};
use onboarding_testkit::{phone, text_from};

use super::{Bench, PRIMARY_PLACE};

/// A decision that changes nothing; cases fill in what they are about.
pub(crate) fn decision(outcome: Outcome) -> Decision {
    let step = TraceStep {
        stage: Stage::Request,
        finding: "A client wrote.".to_owned(),
        candidates: Vec::new(),
    };
    Decision {
        outcome,
        trace: Trace::from_steps(vec![step]),
        identity: None,
        new_profile: None,
        assignment: None,
        new_room: None,
        room_update: None,
        kept_in_room: None,
        new_prospect: None,
        prospect: None,
        closings: Vec::new(),
        opt_out: None,
        notices: Vec::new(),
        messages: Vec::new(),
        suppressed: false,
    }
}

/// A client whom nobody knows yet, claiming all that is known of them.
pub(crate) fn new_identity(id: ClientIdentityId, aliases: ClientAliases) -> IdentityChange {
    IdentityChange {
        id,
        is_new: true,
        revision: 0,
        claims: aliases.keys(),
        aliases,
        phone_since: None,
        profile: None,
    }
}

/// A client who wrote before, with nothing new to claim.
pub(crate) fn known(id: ClientIdentityId, aliases: ClientAliases) -> IdentityChange {
    IdentityChange {
        id,
        is_new: false,
        revision: 0,
        aliases,
        claims: Vec::new(),
        phone_since: None,
        profile: None,
    }
}

/// A decision that opens the room for the new profile and assigns the profile to the room's user.
pub(crate) fn room_with(profile: NewProfile, room: ChatRoom) -> Decision {
    let outcome = Outcome::Onboarded {
        user: room.user,
        room: room.id,
        profile: room.profile,
        account: room.account,
    };
    Decision {
        assignment: Some((profile.id, room.user)),
        new_profile: Some(profile),
        new_room: Some(room),
        ..decision(outcome)
    }
}

/// An act that changes nothing; cases fill in what they are about.
pub(crate) fn act(user: UserId, identity: ClientIdentityId) -> Act {
    let step = TraceStep {
        stage: Stage::Request,
        finding: "Somebody wanted it.".to_owned(),
        candidates: Vec::new(),
    };
    Act {
        kind: ActKind::RoomClosed,
        by: Actor::User(user),
        user,
        identity,
        trace: Trace::from_steps(vec![step]),
        closing: None,
        new_profile: None,
        binds: None,
        assignment: None,
        new_room: None,
        prospect: None,
        messages: Vec::new(),
        notices: Vec::new(),
    }
}

/// The end of a room by its user.
pub(crate) fn closing(room: &ChatRoom) -> Closing {
    Closing {
        room: room.id,
        end: RoomEnd {
            by: Actor::User(room.user),
            reason: CloseReason::Ended,
            note: Some(super::HARD_TEXT.to_owned()),
        },
    }
}

impl Bench {
    /// The decision on a leased message of this client, which says "hello" now.
    pub(crate) async fn deciding(&self, item: &InboxItem, decision: Decision) -> Commit {
        let aliases = decision.identity.as_ref().map(|change| change.aliases.clone());
        Commit {
            company: self.company.clone(),
            expected_revision: self.company().await.revision,
            cause: item.lease.clone(),
            request: Request {
                account: item.account.expect("messages come to an account"),
                message: text_from(
                    aliases.unwrap_or_else(|| phone("85200000000")),
                    "hello",
                    self.now(),
                ),
            },
            onboarding: self.mint(OnboardingId::from_uuid),
            decided_at: self.now(),
            decision,
        }
    }

    pub(crate) async fn commits(&self, commit: Commit) -> CommitOutcome {
        self.store.commit(commit).await.unwrap()
    }

    /// A message arrives on the account and is decided on like this.
    pub(crate) async fn decides(&self, account: OfficialAccountId, decision: Decision) -> CommitOutcome {
        let item = self.arrived(account).await;
        self.commits(self.deciding(&item, decision).await).await
    }

    /// The same, which must succeed.
    pub(crate) async fn decided(&self, account: OfficialAccountId, decision: Decision) {
        assert_eq!(self.decides(account, decision).await, CommitOutcome::Committed);
    }

    /// A client who wrote once to the first account.
    pub(crate) async fn client(&self, aliases: ClientAliases) -> ClientIdentityId {
        let id = self.mint(ClientIdentityId::from_uuid);
        let decision = Decision {
            identity: Some(new_identity(id, aliases)),
            ..ignored()
        };
        self.decided(self.account(0).await, decision).await;
        id
    }

    /// A live room of the two on the account, not stored yet.
    pub(crate) fn room(
        &self,
        user: UserId,
        identity: ClientIdentityId,
        account: OfficialAccountId,
        primary: OfficialAccountId,
    ) -> (NewProfile, ChatRoom) {
        let profile = NewProfile {
            id: self.mint(ClientProfileId::from_uuid),
            name: "Client".to_owned(),
            phone_number: None,
            identity,
            org_unit: OrgUnitId::parse("hk").unwrap(),
            external_company: None,
        };
        let room = ChatRoom {
            id: self.mint(ChatRoomId::from_uuid),
            user,
            profile: profile.id,
            identity,
            account,
            primary,
            state: RoomState::Active,
            created_at: self.now(),
            closed_at: None,
            last_reminded_at: None,
            link_until: None,
        };
        (profile, room)
    }

    /// A live room of the user with this extension and the client on the account at this place, stored.
    pub(crate) async fn opens(&self, extension: &str, identity: ClientIdentityId, place: usize) -> ChatRoom {
        let user = self.user(extension).await.id;
        let primary = self.account(PRIMARY_PLACE).await;
        let (profile, room) = self.room(user, identity, self.account(place).await, primary);
        self.decided(primary, room_with(profile, room.clone())).await;
        room
    }

    /// The same, closed at `closed_at` by its user.
    pub(crate) async fn opened_until(
        &self,
        extension: &str,
        identity: ClientIdentityId,
        place: usize,
        closed_at: Timestamp,
    ) -> ChatRoom {
        let user = self.user(extension).await.id;
        let primary = self.account(PRIMARY_PLACE).await;
        let (profile, room) = self.room(user, identity, self.account(place).await, primary);
        self.decided(primary, room_with(profile, room.clone())).await;
        self.closes(&room, closed_at).await;
        ChatRoom {
            state: RoomState::Closed,
            closed_at: Some(closed_at),
            ..room
        }
    }

    /// The user of the room ends it.
    pub(crate) async fn closes(&self, room: &ChatRoom, at: Timestamp) {
        let act = Act {
            closing: Some(closing(room)),
            ..act(room.user, room.identity)
        };
        assert_eq!(self.acts(act, at).await, ActOutcome::Committed);
    }

    /// The revision of the client's record; nought of one whom nobody knows.
    pub(crate) async fn revision_of(&self, client: ClientIdentityId) -> u64 {
        let client = self.store.client(&self.company, client).await.unwrap();
        client.map_or(0, |client| client.revision)
    }

    /// A change of the client's record that changes nothing.
    pub(crate) async fn as_known(&self, id: ClientIdentityId) -> IdentityChange {
        let client = self.store.client(&self.company, id).await.unwrap().unwrap();
        IdentityChange {
            revision: client.revision,
            ..known(id, client.aliases)
        }
    }

    /// Commits an act on the present revision.
    pub(crate) async fn acts(&self, act: Act, at: Timestamp) -> ActOutcome {
        let commit = ActCommit {
            company: self.company.clone(),
            expected_revision: self.company().await.revision,
            expected_client: self.revision_of(act.identity).await,
            id: self.mint(ActId::from_uuid),
            decided_at: at,
            origin: Origin::system(),
            act,
        };
        self.store.commit_act(commit).await.unwrap()
    }

    /// Queues a text in the room.
    pub(crate) async fn queues_in(&self, room: &ChatRoom) -> OutboxId {
        let text = self.text_to(room.identity, room.account);
        let message = NewOutbound {
            room: Some(room.id),
            ..text
        };
        let id = message.id;
        self.queues(vec![message]).await;
        id
    }

    /// The client waits for the user with this extension.
    pub(crate) async fn waits(
        &self,
        extension: &str,
        identity: ClientIdentityId,
        waits_for: WaitsFor,
    ) -> ProspectId {
        let user = self.user(extension).await.id;
        let primary = self.account(PRIMARY_PLACE).await;
        let id = self.mint(ProspectId::from_uuid);
        let prospect = NewProspect {
            id,
            user,
            identity,
            primary,
            text: super::HARD_TEXT.to_owned(),
            waits_for,
        };
        let decision = Decision {
            new_prospect: Some(prospect),
            ..decision(Outcome::ProspectReceived { user, prospect: id })
        };
        self.decided(primary, decision).await;
        id
    }

    /// A text to the client from the account.
    pub(crate) fn text_to(&self, identity: ClientIdentityId, account: OfficialAccountId) -> NewOutbound {
        NewOutbound {
            id: self.mint(OutboxId::from_uuid),
            account,
            identity,
            recipient: Recipient::of(&phone("85291234567")).unwrap(),
            content: OutboundContent::Text("hello".to_owned()),
            purpose: Purpose::Text(TextKey::NoExtension),
            room: None,
            after: None,
            automatic: false,
        }
    }

    /// Queues the messages by one decision.
    pub(crate) async fn queues(&self, messages: Vec<NewOutbound>) {
        self.decided(
            self.account(0).await,
            Decision {
                messages,
                ..ignored()
            },
        )
        .await;
    }

    /// Queues one text to the client from the account at this place; gives its id.
    pub(crate) async fn queues_one(&self, identity: ClientIdentityId, place: usize) -> OutboxId {
        let message = self.text_to(identity, self.account(place).await);
        let id = message.id;
        self.queues(vec![message]).await;
        id
    }

    /// Queues a message of another content to the client from the account at this place.
    pub(crate) async fn queues_content(
        &self,
        identity: ClientIdentityId,
        place: usize,
        content: OutboundContent,
    ) {
        let text = self.text_to(identity, self.account(place).await);
        self.queues(vec![NewOutbound { content, ..text }]).await;
    }

    /// The identities that the aliases lead to, the strongest first.
    pub(crate) async fn identities(&self, keys: &[(AliasKind, String)]) -> Vec<ClientIdentityId> {
        let long_ago = Timestamp::EPOCH;
        let facts = self
            .store
            .identify(&self.company, keys, long_ago, long_ago)
            .await
            .unwrap();
        let known = facts.identity.into_iter().chain(facts.others);
        known.map(|known| known.id).collect()
    }

    pub(crate) async fn latest(&self) -> Vec<OnboardingRecord> {
        self.store.latest_onboardings(&self.company, 1_000).await.unwrap()
    }
}

/// Recorded, nothing done.
pub(crate) fn ignored() -> Decision {
    decision(Outcome::Ignored(IgnoreReason::WantsNoAnswer))
}
