//! Steps 4 to 6: profile, secondary number, room.

use super::{
    AccountUsage, Decision, Exhaustion, NewProfile, NewProspect, Outcome,
    allocation::allocate,
    decide::{Case, named},
    messages::{About, Writer},
    profile_choice::choose_profile,
};
use crate::{
    ChatRoom, ChatRoomId, ClientProfile, ClientProfileId, NewOutbound, OfficialAccountId, PhoneNumber,
    ProspectId, RoomActivation, RoomState, Stage, TemplatePurpose, TextKey, User, client::clean_name,
};

/// How long the name of a created profile may be, in characters.
const PROFILE_NAME_LENGTH: usize = 100;

impl Case<'_> {
    /// The user and the client have no live room: open one, if all that it needs can be had.
    pub(super) fn connect(
        mut self,
        user: &User,
        profiles: &[ClientProfile],
        prospect: Option<ProspectId>,
        usage: &[AccountUsage],
    ) -> Decision {
        self.trace.note(
            Stage::ChatRoomCheck,
            format!("{} and the client have no live room.", named(user)),
        );
        let company = &self.facts.company;
        let chosen = choose_profile(company, user, profiles, self.draw, &mut self.trace);
        let features = &company.settings.features;
        if chosen.is_none() && features.unique_phone_number && !profiles.is_empty() {
            let finding = "The company wants one profile a phone and the user must not see the one there is; \
                           the client is told that the extension was not found.";
            return self.answer_as_not_found(finding, Outcome::ProfileHidden { user: user.id });
        }
        if chosen.is_none() && !features.auto_promotion {
            return self.wait_as_prospect(user, prospect);
        }
        let aliases = self.identity.aliases.clone();
        match allocate(company, user, &aliases, usage, self.now, &mut self.trace) {
            Ok(allocation) => self.open_room(user, chosen, allocation.account),
            Err(exhaustion) => self.answer_exhausted(user, exhaustion),
        }
    }

    fn wait_as_prospect(mut self, user: &User, waiting: Option<ProspectId>) -> Decision {
        let id = waiting.unwrap_or_else(|| ProspectId::from_uuid(self.draw.uuid(self.now)));
        let finding = format!(
            "Automatic promotion is off: the contact waits for {}.",
            named(user)
        );
        self.trace.note(Stage::ClientProfileSelection, finding);
        self.reply(
            TextKey::ProspectReceived,
            About {
                user: Some(user),
                ..About::default()
            },
        );
        let prospect = NewProspect {
            id,
            user: user.id,
            identity: self.identity.id,
            primary: self.request.account,
        };
        Decision {
            new_prospect: waiting.is_none().then_some(prospect),
            ..self.close(Outcome::ProspectReceived {
                user: user.id,
                prospect: id,
            })
        }
    }

    fn answer_exhausted(mut self, user: &User, exhaustion: Exhaustion) -> Decision {
        let (key, outcome) = match exhaustion {
            Exhaustion::NoNumberFree => (
                TextKey::NoSecondaryNumber,
                Outcome::NoSecondaryNumber { user: user.id },
            ),
            Exhaustion::MessagingLimitReached => (
                TextKey::MessagingLimitReached,
                Outcome::MessagingLimitReached { user: user.id },
            ),
            Exhaustion::AccountsUnhealthy => (
                TextKey::AccountUnhealthy,
                Outcome::AccountUnhealthy { user: user.id },
            ),
        };
        self.reply(
            key,
            About {
                user: Some(user),
                primary: Some(self.request.account),
                ..About::default()
            },
        );
        self.close(outcome)
    }

    fn open_room(
        mut self,
        user: &User,
        chosen: Option<&ClientProfile>,
        account: OfficialAccountId,
    ) -> Decision {
        let new_profile = chosen.is_none().then(|| self.new_profile(user));
        let profile = chosen
            .map(|profile| profile.id)
            .or(new_profile.as_ref().map(|profile| profile.id))
            .unwrap_or_else(|| ClientProfileId::from_uuid(self.draw.uuid(self.now)));
        let room = self.new_room(user, profile, account);
        let invitation = self.invite(user, &room);
        self.messages.extend(invitation);
        let finding = format!(
            "Opened the room {} of {} and the client on {}, {}; the profile is assigned to the user.",
            room.id,
            named(user),
            self.number(account),
            room.state
        );
        self.trace.note(Stage::Completion, finding);
        let already = chosen.is_some_and(|profile| profile.assigned_to.contains(&user.id));
        Decision {
            new_profile,
            assignment: (!already).then_some((profile, user.id)),
            new_room: Some(room.clone()),
            ..self.close(Outcome::Onboarded {
                user: user.id,
                room: room.id,
                profile,
                account,
            })
        }
    }

    fn new_profile(&mut self, user: &User) -> NewProfile {
        let aliases = &self.identity.aliases;
        let phone_number = aliases
            .wa_id
            .as_ref()
            .and_then(|id| PhoneNumber::parse(&format!("+{id}")).ok());
        let given = clean_name(
            aliases.profile_name.as_deref().unwrap_or_default(),
            PROFILE_NAME_LENGTH,
        );
        let name = match (given.is_empty(), &phone_number, &aliases.username) {
            (false, _, _) => given,
            (true, Some(number), _) => number.to_string(),
            (true, None, Some(username)) => clean_name(username, PROFILE_NAME_LENGTH),
            (true, None, None) => "WhatsApp client".to_owned(),
        };
        let finding = "A new profile is created in the user's unit.";
        self.trace.note(Stage::ClientProfileSelection, finding);
        NewProfile {
            id: ClientProfileId::from_uuid(self.draw.uuid(self.now)),
            name,
            phone_number,
            identity: self.identity.id,
            org_unit: user.org_unit.clone(),
            external_company: None,
        }
    }

    fn new_room(&mut self, user: &User, profile: ClientProfileId, account: OfficialAccountId) -> ChatRoom {
        let by_template = self.writer().invites_by_template();
        let activation = self.facts.company.settings.features.room_activation;
        let at_once = by_template && activation == RoomActivation::OnCreation;
        ChatRoom {
            id: ChatRoomId::from_uuid(self.draw.uuid(self.now)),
            user: user.id,
            profile,
            identity: self.identity.id,
            account,
            primary: self.request.account,
            state: if at_once {
                RoomState::Active
            } else {
                RoomState::Invited
            },
            created_at: self.now,
            closed_at: None,
            last_reminded_at: None,
        }
    }

    /// Info first: it names the number that will write, which protects the client against phishing.
    fn invite(&mut self, user: &User, room: &ChatRoom) -> Vec<NewOutbound> {
        let about = About {
            user: Some(user),
            primary: Some(room.primary),
            secondary: Some(room.account),
            room: Some(room.id),
        };
        let facts = self.facts;
        let writer = Writer {
            company: &facts.company,
            client: &self.identity.aliases,
            identity: self.identity.id,
            now: self.now,
        };
        if !writer.invites_by_template() {
            return writer
                .text(self.draw, room.primary, TextKey::HandOffLink, about)
                .into_iter()
                .collect();
        }
        let info = writer.text(self.draw, room.primary, TextKey::UserInfo, about);
        let invitation = writer.template(self.draw, room.account, TemplatePurpose::Invitation, about);
        let after = info.as_ref().map(|info| info.id);
        info.into_iter()
            .chain(invitation.map(|invitation| NewOutbound { after, ..invitation }))
            .collect()
    }

    fn writer(&self) -> Writer<'_> {
        Writer {
            company: &self.facts.company,
            client: &self.identity.aliases,
            identity: self.identity.id,
            now: self.now,
        }
    }
}
