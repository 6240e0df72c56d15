//! Steps 4 to 6: profile, secondary number, room.

use super::{
    AccountUsage, Decision, Exhaustion, NewProfile, NewProspect, Outcome,
    allocation::{allocate, limit_is_spent},
    decide::{Case, named},
    messages::{About, Writer},
    opening::{Announcement, Opening},
    profile_choice::{ProfilesOf, choose_profile},
};
use crate::{
    Actor, Audience, ClientAliases, ClientIdentityId, ClientProfile, ClientProfileId, Company, Draw,
    InvitationKind, NewNotice, NoticeId, NoticeKind, OfficialAccountId, PhoneNumber, ProspectChange,
    ProspectId, ProspectState, Stage, TemplatePurpose, TextKey, Timestamp, Trace, User, WaitingProspect,
    WaitsFor, client::clean_name, waiting_position,
};

/// How long the name of a created profile may be, in characters.
const PROFILE_NAME_LENGTH: usize = 100;

impl Case<'_> {
    /// The user and the client have no live room: open one, if all that it needs can be had.
    pub(super) fn connect(
        mut self,
        user: &User,
        profiles: &[ClientProfile],
        waits: &[WaitingProspect],
        usage: &[AccountUsage],
    ) -> Decision {
        self.trace.note(
            Stage::ChatRoomCheck,
            format!("{} and the client have no live room.", named(user)),
        );
        let company = &self.facts.company;
        let profiles = &self.client().own_profiles(profiles, &mut self.trace);
        let chosen = choose_profile(company, user, profiles, self.draw, &mut self.trace);
        let features = &company.settings.features;
        if chosen.is_none() && features.unique_phone_number && !profiles.is_empty() {
            let finding = "The company wants one profile a phone and the user must not see the one there is; \
                           the client is told that the extension was not found.";
            return self.answer_as_not_found(finding, Outcome::ProfileHidden { user: user.id });
        }
        if chosen.is_none() && !features.auto_promotion {
            return self.wait_as_prospect(user, waits);
        }
        let aliases = self.identity.aliases.clone();
        match allocate(company, user, &aliases, usage, self.now, &mut self.trace) {
            Ok(allocation) => {
                let limit_spent = limit_is_spent(usage, allocation.account);
                self.tell_of_template(allocation.account);
                self.open_room(user, chosen, waits, allocation.account, limit_spent)
            }
            Err(exhaustion) => {
                self.tell_of_exhaustion(user, exhaustion);
                if exhaustion == Exhaustion::NoNumberFree && features.waiting_list {
                    self.wait_for_number(user, waits)
                } else {
                    self.answer_exhausted(user, exhaustion)
                }
            }
        }
    }

    /// The client after what this message tells of them.
    fn client(&self) -> ProfilesOf {
        let known = self.facts.client.identity.as_ref();
        ProfilesOf {
            id: self.identity.id,
            phone_since: self
                .identity
                .phone_since
                .or(known.and_then(|known| known.phone_since)),
        }
    }

    fn wait_as_prospect(mut self, user: &User, waits: &[WaitingProspect]) -> Decision {
        let waiting = waits.iter().find(|wait| wait.user == user.id).map(|wait| wait.id);
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
        let prospect = self.new_prospect(id, user, WaitsFor::Promotion);
        if waiting.is_none() {
            let text = "A new contact waits for you to promote it.".to_owned();
            let subject = format!("prospect {id}");
            self.notify(Audience::User(user.id), NoticeKind::ProspectWaits, subject, text);
        }
        Decision {
            new_prospect: waiting.is_none().then_some(prospect),
            ..self.close(Outcome::ProspectReceived {
                user: user.id,
                prospect: id,
            })
        }
    }

    /// The client keeps their place, or gets one.
    fn wait_for_number(mut self, user: &User, waits: &[WaitingProspect]) -> Decision {
        let waiting = waits.iter().find(|wait| wait.user == user.id);
        let position = waiting_position(waits, user.id);
        let finding = format!("The client waits for a number, in place {position} of their own requests.");
        self.trace.note(Stage::Completion, finding);
        self.reply(
            TextKey::WaitingList,
            About {
                user: Some(user),
                primary: Some(self.request.account),
                position: Some(position),
                ..About::default()
            },
        );
        let id = ProspectId::from_uuid(self.draw.uuid(self.now));
        let new = self.new_prospect(id, user, WaitsFor::Number);
        let promoted = waiting.filter(|wait| wait.waits_for == WaitsFor::Promotion);
        Decision {
            new_prospect: waiting.is_none().then_some(new),
            prospect: promoted.map(|wait| ProspectChange::WaitsForNumber { prospect: wait.id }),
            ..self.close(Outcome::NoSecondaryNumber { user: user.id })
        }
    }

    fn new_prospect(&self, id: ProspectId, user: &User, waits_for: WaitsFor) -> NewProspect {
        NewProspect {
            id,
            user: user.id,
            identity: self.identity.id,
            primary: self.request.account,
            text: self.request.message.texts.join("\n"),
            waits_for,
        }
    }

    /// The user once for each client, the admins once for each pool, as long as they did not see it.
    fn tell_of_exhaustion(&mut self, user: &User, exhaustion: Exhaustion) {
        let why = exhaustion.reason();
        let pools = self.facts.company.pools_for(&user.org_unit);
        let pool = pools
            .first()
            .map_or_else(|| "none".to_owned(), |pool| pool.id.to_string());
        let to_user = format!("A client who asked for you could not be connected: {why}.");
        let to_admins = format!(
            "A client who asked for {} could not be connected through pool {pool}: {why}.",
            named(user)
        );
        let kind = NoticeKind::ClientTurnedAway;
        let (of_client, of_pool) = (
            format!("{exhaustion} client {}", self.identity.id),
            format!("{exhaustion} pool {pool}"),
        );
        self.notify(Audience::User(user.id), kind, of_client, to_user);
        self.notify(Audience::Admins, kind, of_pool, to_admins);
    }

    pub(super) fn notify(&mut self, audience: Audience, kind: NoticeKind, subject: String, text: String) {
        self.notices.push(NewNotice {
            id: NoticeId::from_uuid(self.draw.uuid(self.now)),
            audience,
            kind,
            subject,
            text,
        });
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
        waits: &[WaitingProspect],
        account: OfficialAccountId,
        limit_spent: bool,
    ) -> Decision {
        let new_profile = chosen.is_none().then(|| self.new_profile(user));
        let profile = chosen
            .map(|profile| profile.id)
            .or(new_profile.as_ref().map(|profile| profile.id))
            .unwrap_or_else(|| ClientProfileId::from_uuid(self.draw.uuid(self.now)));
        // On a copy, because the opening looks at the rest of the case meanwhile.
        let mut draw = self.draw.clone();
        let opening = Opening {
            limit_spent,
            ..self.opening(user, profile, account)
        };
        let room = opening.room(&mut draw);
        let invitation = opening.messages(&room, &mut draw);
        *self.draw = draw;
        self.messages.extend(invitation);
        let finding = format!(
            "Opened the room {} of {} and the client on {}, {}; the profile is assigned to the user.",
            room.id,
            named(user),
            self.number(account),
            room.state
        );
        self.trace.note(Stage::Completion, finding);
        self.identity.profile = chosen
            .filter(|profile| profile.identity.is_none())
            .map(|profile| profile.id);
        let already = chosen.is_some_and(|profile| profile.assigned_to.contains(&user.id));
        let waited = waits.iter().find(|wait| wait.user == user.id);
        Decision {
            prospect: waited.map(|wait| ProspectChange::Ends {
                prospect: wait.id,
                state: ProspectState::Promoted,
                by: Actor::Client,
                room: Some(room.id),
            }),
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
        let new = profile_of(
            user,
            self.identity.id,
            &self.identity.aliases,
            self.now,
            self.draw,
        );
        note_new_profile(&self.facts.company, &new, &mut self.trace);
        new
    }

    /// Notes why the invitation template is not sent as it should be, if so.
    fn tell_of_template(&mut self, account: OfficialAccountId) {
        let company = &self.facts.company;
        let Some(account) = company.account(account) else {
            return;
        };
        let works = company.invites_by_template(account, self.now);
        let trouble = company.template_trouble(account, TemplatePurpose::Invitation, self.now);
        if let (InvitationKind::Template, Some(trouble)) = (company.settings.features.invitation, trouble) {
            let finding = if works {
                format!(
                    "The invitation template {}, and there is nothing in its place.",
                    trouble.reason
                )
            } else {
                format!(
                    "The invitation template {}; the client gets the link instead.",
                    trouble.reason
                )
            };
            self.trace.note(Stage::Completion, finding);
        }
    }

    /// The client has just written to the primary, so its window is open.
    fn opening<'b>(
        &'b self,
        user: &'b User,
        profile: ClientProfileId,
        account: OfficialAccountId,
    ) -> Opening<'b> {
        Opening {
            writer: Writer {
                company: &self.facts.company,
                client: &self.identity.aliases,
                identity: self.identity.id,
                now: self.now,
            },
            user,
            profile,
            primary: self.request.account,
            account,
            announcement: Announcement::UserInfo,
            primary_window_open: true,
            limit_spent: false,
        }
    }
}

/// Writes down that a profile is created, and what it lacks: an incomplete profile keeps nobody waiting.
pub(crate) fn note_new_profile(company: &Company, new: &NewProfile, trace: &mut Trace) {
    let lacks = new.lacks(&company.settings.features.mandatory_profile_fields);
    let names: Vec<_> = lacks.iter().map(|field| field.as_str()).collect();
    let finding = if names.is_empty() {
        "A new profile is created in the user's unit.".to_owned()
    } else {
        format!(
            "A new profile is created in the user's unit. It is incomplete; to be filled in: {}.",
            names.join(", ")
        )
    };
    trace.note(Stage::ClientProfileSelection, finding);
}

/// The profile that the flow makes for a client whom the company does not know.
pub(crate) fn profile_of(
    user: &User,
    identity: ClientIdentityId,
    aliases: &ClientAliases,
    now: Timestamp,
    draw: &mut Draw,
) -> NewProfile {
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
    NewProfile {
        id: ClientProfileId::from_uuid(draw.uuid(now)),
        name,
        phone_number,
        identity,
        org_unit: user.org_unit.clone(),
        external_company: None,
    }
}
