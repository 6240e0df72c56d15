//! The decision on one request: which step of the flow it ends at.

use super::{
    AskedNumber, CUSTOMER_SERVICE_WINDOW, Decision, Facts, Holder, IdentityChange, IgnoreReason, Outcome,
    Request, Situation, Standing, guessing,
    identity_change::identity_change,
    messages::{About, Writer},
};
use crate::{
    Audience, Draw, ExtensionKey, ExtensionToken, MessageKind, NoticeKind, OfficialAccountId, OptOutChange,
    Stage, TextKey, Timestamp, Trace, User, find_tokens,
};

/// Decides what a client's message leads to.
///
/// Pure: the same request, facts, time and seed give the same decision, down to the ids.
pub fn decide(request: &Request, facts: &Facts, now: Timestamp, draw: &mut Draw) -> Decision {
    let case = Case::open(request, facts, now, draw);
    if let Some(reason) = case.never_answered() {
        return case.ignore(reason);
    }
    match (case.opt_out_word(), facts.client.opted_out_at()) {
        (Some(OptOutChange::Out), None) => return case.opt_out(),
        (Some(OptOutChange::In), Some(_)) => return case.opt_in(),
        _ => {}
    }
    if let Situation::Secondary { room: Some(room) } = &facts.situation {
        return case.keep_in(room);
    }
    if let Some(reason) = case.not_answered_here() {
        return case.ignore(reason);
    }
    if facts.client.opted_out_at().is_some() {
        return case.answer_opted_out();
    }
    match &facts.situation {
        Situation::NoPool => case.ignore(IgnoreReason::NoPool),
        Situation::Secondary { .. } => case.answer_that_room_is_closed(),
        Situation::Primary {
            holder,
            inactive_holder,
            asked,
        } => case.on_primary(holder.as_deref(), *inactive_holder, asked.as_deref()),
    }
}

/// One request on its way to a decision.
pub(super) struct Case<'a> {
    pub(super) request: &'a Request,
    pub(super) facts: &'a Facts,
    pub(super) now: Timestamp,
    pub(super) draw: &'a mut Draw,
    pub(super) trace: Trace,
    pub(super) identity: IdentityChange,
    pub(super) messages: Vec<crate::NewOutbound>,
    pub(super) notices: Vec<crate::NewNotice>,
    suppressed: bool,
}

impl<'a> Case<'a> {
    fn open(request: &'a Request, facts: &'a Facts, now: Timestamp, draw: &'a mut Draw) -> Self {
        let identity = identity_change(&request.message.sender, &facts.client, now, draw);
        let mut trace = Trace::default();
        trace.note(Stage::Request, request_finding(request, facts));
        for finding in &facts.client.put_right {
            trace.note(Stage::ClientIdentification, finding.as_str());
        }
        Self {
            request,
            facts,
            now,
            draw,
            trace,
            identity,
            messages: Vec::new(),
            notices: Vec::new(),
            suppressed: false,
        }
    }

    /// Whether nothing may be made of the message, wherever it was written.
    fn never_answered(&self) -> Option<IgnoreReason> {
        let message = &self.request.message;
        if message.in_group {
            Some(IgnoreReason::Group)
        } else if !message.sender.is_identified() {
            Some(IgnoreReason::UnidentifiedSender)
        } else {
            None
        }
    }

    /// Whether the message wants no answer where no room takes it.
    pub(super) fn not_answered_here(&self) -> Option<IgnoreReason> {
        let message = &self.request.message;
        match message.kind {
            MessageKind::Silent(_) => Some(IgnoreReason::WantsNoAnswer),
            MessageKind::Content(_) if self.now.since(message.sent_at) >= CUSTOMER_SERVICE_WINDOW => {
                Some(IgnoreReason::TooOld)
            }
            MessageKind::Content(_) => None,
        }
    }

    fn ignore(mut self, reason: IgnoreReason) -> Decision {
        let why = match reason {
            IgnoreReason::WantsNoAnswer => "Messages of this kind are recorded and not answered.",
            IgnoreReason::Group => "Messages in groups are recorded and not answered.",
            IgnoreReason::UnidentifiedSender => "Nothing says who wrote, so there is nobody to answer.",
            IgnoreReason::TooOld => {
                "It arrived after the 24-hour window had shut; an answer now would surprise."
            }
            IgnoreReason::NoPool => "The account belongs to no pool, so nothing is offered there.",
        };
        self.trace.note(Stage::Completion, why);
        Decision {
            identity: None,
            ..self.close(Outcome::Ignored(reason))
        }
    }

    fn answer_that_room_is_closed(mut self) -> Decision {
        self.trace.note(
            Stage::ChatRoomCheck,
            "The client has no live room on this number.",
        );
        let primary = self
            .facts
            .company
            .pool_of(self.request.account)
            .map(|pool| pool.primary);
        self.reply(
            TextKey::RoomClosed,
            About {
                primary,
                ..About::default()
            },
        );
        self.close(Outcome::RoomClosed)
    }

    fn on_primary(
        mut self,
        holder: Option<&Holder>,
        inactive_holder: bool,
        asked: Option<&AskedNumber>,
    ) -> Decision {
        let texts = &self.request.message.texts;
        let tokens: Vec<_> = texts.iter().flat_map(|text| find_tokens(text)).collect();
        if tokens.is_empty() && asked.is_none() {
            self.trace
                .note(Stage::ExtensionLookup, "The message names no extension.");
            self.reply(TextKey::NoExtension, About::default());
            return self.close(Outcome::NoExtension);
        }
        let limit = &self.facts.company.settings.limits.wrong_extensions;
        if let Some(until) = guessing::locked_until(limit, &self.facts.client.wrong_extensions, self.now) {
            let finding = format!(
                "Too many wrong guesses; the client's guesses are locked until {until}. Nothing was looked up."
            );
            self.trace.note(Stage::ExtensionLookup, finding);
            self.reply(TextKey::GuessingLocked, About::default());
            return self.close(Outcome::GuessingLocked);
        }
        if let Some(asked) = asked {
            return self.tell_whose_number(asked);
        }
        let Some(holder) = holder else {
            return self.answer_not_found(&tokens, inactive_holder);
        };
        let user = &holder.user;
        self.trace.note(
            Stage::ExtensionLookup,
            format!("The extension {} is {}'s.", extension_of(user), named(user)),
        );
        let serving = self.facts.company.pools_for(&user.org_unit);
        if !serving.iter().any(|pool| pool.primary == self.request.account) {
            let finding = "The user is not served by the pool of this primary; the client is told that the extension was not found.";
            self.tell_of_another_unit(user);
            return self.answer_as_not_found(finding, Outcome::OtherUnit { user: user.id });
        }
        match &holder.standing {
            Standing::InRoom {
                room,
                client_last_wrote_at,
            } => self.remind(user, room, *client_last_wrote_at),
            Standing::NoRoom {
                profiles,
                waits,
                usage,
            } => self.connect(user, profiles, waits, usage),
        }
    }

    /// The client learns nothing; the admins do, since a code in print may be of the wrong unit.
    fn tell_of_another_unit(&mut self, user: &User) {
        let company = &self.facts.company;
        let primary = company.account(self.request.account);
        let asked = primary.map_or_else(String::new, |account| format!(" {}", account.phone_number));
        let text = format!(
            "A client asked the primary{asked} for {}, whom no pool of that primary serves, and was told that there is no such extension.",
            named(user)
        );
        let subject = format!("user {} account {}", user.id, self.request.account);
        self.notify(Audience::Admins, NoticeKind::AskedElsewhere, subject, text);
    }

    fn answer_not_found(self, tokens: &[ExtensionToken], inactive_holder: bool) -> Decision {
        let written = tokens
            .iter()
            .filter_map(|token| token.keys().first())
            .map(ExtensionKey::to_string);
        let written = written.take(5).collect::<Vec<_>>().join(", ");
        let finding = match (written.as_str(), inactive_holder) {
            ("", _) => "What stands after the # cannot be an extension.".to_owned(),
            (written, false) => format!("Nobody has the extension {written}."),
            (written, true) => format!("The user with the extension {written} is not active."),
        };
        self.answer_as_not_found(&finding, Outcome::ExtensionNotFound)
    }

    /// Also for what the client must not learn. The attempt that is one too many gets the locked text.
    pub(super) fn answer_as_not_found(mut self, finding: &str, outcome: Outcome) -> Decision {
        let stage = if outcome == Outcome::ExtensionNotFound {
            Stage::ExtensionLookup
        } else {
            Stage::Completion
        };
        self.trace.note(stage, finding);
        let key = self.unless_locked(TextKey::ExtensionNotFound);
        self.reply(key, About::default());
        self.close(outcome)
    }

    /// This text, or the locked one where this guess is one too many.
    pub(super) fn unless_locked(&mut self, key: TextKey) -> TextKey {
        let limit = &self.facts.company.settings.limits.wrong_extensions;
        let mut wrong = self.facts.client.wrong_extensions.clone();
        wrong.push(self.now);
        if guessing::locked_until(limit, &wrong, self.now).is_none() {
            return key;
        }
        self.trace.note(
            Stage::ExtensionLookup,
            "It was one wrong guess too many: guesses are locked now.",
        );
        TextKey::GuessingLocked
    }

    /// Answers from the account that the client wrote to, within the limit on automatic replies.
    pub(super) fn reply(&mut self, key: TextKey, about: About<'_>) {
        let limit = self.facts.company.settings.limits.auto_replies_per_hour;
        if self.facts.client.automatic_replies >= limit {
            self.suppressed = true;
            let finding = format!(
                "The answer “{key}” was held back: {limit} automatic replies went out in the last hour."
            );
            self.trace.note(Stage::Completion, finding);
            return;
        }
        let writer = Writer {
            company: &self.facts.company,
            client: &self.identity.aliases,
            identity: self.identity.id,
            now: self.now,
        };
        let reply = writer.text(self.draw, self.request.account, key, about);
        self.trace
            .note(Stage::Completion, format!("Answered with the text “{key}”."));
        self.messages.extend(reply);
    }

    pub(super) fn number(&self, account: OfficialAccountId) -> String {
        self.facts
            .company
            .account(account)
            .map_or_else(|| account.to_string(), |a| a.phone_number.to_string())
    }

    pub(super) fn close(self, outcome: Outcome) -> Decision {
        Decision {
            outcome,
            trace: self.trace,
            identity: Some(self.identity),
            new_profile: None,
            assignment: None,
            new_room: None,
            room_update: None,
            kept_in_room: None,
            new_prospect: None,
            prospect: None,
            closings: Vec::new(),
            opt_out: None,
            notices: self.notices,
            messages: self.messages,
            suppressed: self.suppressed,
        }
    }
}

pub(crate) fn named(user: &User) -> String {
    format!("{} ({})", user.name, user.username)
}

fn extension_of(user: &User) -> String {
    user.extension
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn request_finding(request: &Request, facts: &Facts) -> String {
    let account = facts.company.account(request.account);
    let number = account.map_or_else(|| request.account.to_string(), |a| a.phone_number.to_string());
    let role = match facts.situation {
        Situation::NoPool => "the number without a pool",
        Situation::Primary { .. } => "the primary",
        Situation::Secondary { .. } => "the secondary",
    };
    let known = facts.client.identity.as_ref();
    let client = if known.is_some() {
        "A known client"
    } else {
        "A new client"
    };
    let kind = request.message.kind.name();
    let mut finding = format!("{client} wrote to {role} {number} ({kind}).");
    if known.is_some_and(|known| known.is_stale(&request.message.sender)) {
        finding.push_str(" They are known by other aliases since; nothing was learned from the old ones.");
    } else if !facts.client.others.is_empty() {
        finding.push_str(
            " Aliases of theirs lead to another client's record; whether it is theirs waits for a person.",
        );
    }
    finding
}
