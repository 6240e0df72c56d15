//! How the messages of a decision are made.

use crate::{
    ChatRoomId, ClientAliases, ClientIdentityId, Company, Draw, Extension, InvitationButton, NewOutbound,
    OfficialAccountId, OutboundContent, OutboxId, Placeholder, Purpose, Recipient, Template, TemplatePurpose,
    TextKey, Timestamp, User, Values, language_for, whatsapp_link,
};

/// Makes messages to one client.
#[derive(Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub(crate) company: &'a Company,
    pub(crate) client: &'a ClientAliases,
    pub(crate) identity: ClientIdentityId,
    pub(crate) now: Timestamp,
}

/// What a message is about.
#[derive(Default, Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) user: Option<&'a User>,
    pub(crate) primary: Option<OfficialAccountId>,
    pub(crate) secondary: Option<OfficialAccountId>,
    pub(crate) room: Option<ChatRoomId>,
    pub(crate) position: Option<usize>,
    /// The digits of a number that the client asked about.
    pub(crate) asked: Option<&'a str>,
}

impl Writer<'_> {
    /// A text from an account, in the client's language. `None` when the client cannot be reached.
    pub(crate) fn text(
        &self,
        draw: &mut Draw,
        from: OfficialAccountId,
        key: TextKey,
        about: About<'_>,
    ) -> Option<NewOutbound> {
        let settings = &self.company.settings;
        let language = language_for(
            self.client.country(),
            &settings.languages,
            &settings.default_language,
        );
        let body = settings
            .texts
            .render(key, language, &settings.default_language, &self.values(about));
        let automatic = !matches!(
            key,
            TextKey::UserInfo
                | TextKey::HandOffLink
                | TextKey::RoomReminder
                | TextKey::RoomMoved
                | TextKey::RoomHandedOver
                | TextKey::WaitingExpired
                | TextKey::RoomEnded
                | TextKey::Declined
                | TextKey::OptedOut
                | TextKey::OptedIn
        );
        self.message(
            draw,
            from,
            OutboundContent::Text(body),
            Purpose::Text(key),
            about.room,
            automatic,
        )
    }

    /// An approved template from a secondary. `None` when the company has none for the purpose.
    pub(crate) fn template(
        &self,
        draw: &mut Draw,
        from: OfficialAccountId,
        purpose: TemplatePurpose,
        about: About<'_>,
    ) -> Option<NewOutbound> {
        let template = self.company.settings.templates.get(&purpose)?;
        let parameters = template.parameters(&self.values(about));
        let content = OutboundContent::Template {
            name: template.name.clone(),
            language: template.language.clone(),
            words: template.text.as_ref().map(|text| text.filled(&parameters)),
            parameters,
            buttons: self.payloads(template, from, about),
        };
        let why = match purpose {
            TemplatePurpose::Invitation => Purpose::Invitation,
            TemplatePurpose::RoomReminder => Purpose::Text(TextKey::RoomReminder),
            TemplatePurpose::UserInfo => Purpose::Text(TextKey::UserInfo),
            TemplatePurpose::RoomMoved => Purpose::Text(TextKey::RoomMoved),
            TemplatePurpose::RoomHandedOver => Purpose::Text(TextKey::RoomHandedOver),
            TemplatePurpose::WaitingExpired => Purpose::Text(TextKey::WaitingExpired),
        };
        self.message(draw, from, content, why, about.room, false)
    }

    /// What WhatsApp gives back for each button; only a room has any.
    fn payloads(&self, template: &Template, from: OfficialAccountId, about: About<'_>) -> Vec<String> {
        let Some(room) = about.room else {
            return Vec::new();
        };
        let key = &self.company.button_key;
        let payload = |button: &InvitationButton| key.payload(*button, room, from);
        template.buttons.iter().map(payload).collect()
    }

    fn message(
        &self,
        draw: &mut Draw,
        account: OfficialAccountId,
        content: OutboundContent,
        purpose: Purpose,
        room: Option<ChatRoomId>,
        automatic: bool,
    ) -> Option<NewOutbound> {
        Some(NewOutbound {
            id: OutboxId::from_uuid(draw.uuid(self.now)),
            account,
            identity: self.identity,
            recipient: Recipient::of(self.client)?,
            content,
            purpose,
            room,
            after: None,
            automatic,
        })
    }

    fn values(&self, about: About<'_>) -> Values {
        let number = |id: Option<OfficialAccountId>| {
            id.and_then(|id| self.company.account(id))
                .map(|account| account.phone_number.clone())
        };
        let extension = about
            .user
            .and_then(|user| user.extension.as_ref())
            .map(Extension::to_string);
        let secondary = number(about.secondary);
        let link = secondary
            .as_ref()
            .map(|to| whatsapp_link(to, extension.as_deref().unwrap_or_default()));
        let values = [
            (Placeholder::CompanyName, Some(self.company.settings.name.clone())),
            (Placeholder::UserName, about.user.map(|user| user.name.clone())),
            (
                Placeholder::UserTitle,
                about.user.and_then(|user| user.title.clone()),
            ),
            (Placeholder::Extension, extension),
            (
                Placeholder::PrimaryNumber,
                number(about.primary).map(|n| n.to_string()),
            ),
            (Placeholder::SecondaryNumber, secondary.map(|n| n.to_string())),
            (Placeholder::Link, link),
            (
                Placeholder::Position,
                about.position.map(|place| place.to_string()),
            ),
            (
                Placeholder::AskedNumber,
                about.asked.map(|digits| format!("+{digits}")),
            ),
        ];
        values
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}
