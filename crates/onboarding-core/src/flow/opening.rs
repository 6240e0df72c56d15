//! Opening a room: its first state, and what the client gets to hear of it.

use super::messages::{About, Writer};
use crate::{
    ChatRoom, ChatRoomId, ClientProfileId, Draw, NewOutbound, OfficialAccountId, RoomActivation, RoomState,
    TemplatePurpose, TextKey, User,
};

/// What the client is told from the primary before the invitation comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Announcement {
    /// Who was found, and the number that will write.
    UserInfo,
    /// That the number changes.
    RoomMoved,
    /// That another user goes on.
    RoomHandedOver,
}

impl Announcement {
    fn forms(self) -> (TextKey, TemplatePurpose) {
        match self {
            Self::UserInfo => (TextKey::UserInfo, TemplatePurpose::UserInfo),
            Self::RoomMoved => (TextKey::RoomMoved, TemplatePurpose::RoomMoved),
            Self::RoomHandedOver => (TextKey::RoomHandedOver, TemplatePurpose::RoomHandedOver),
        }
    }
}

/// A room that is about to open.
#[derive(Clone, Copy)]
pub(crate) struct Opening<'a> {
    /// For its client.
    pub(crate) writer: Writer<'a>,
    pub(crate) user: &'a User,
    pub(crate) profile: ClientProfileId,
    pub(crate) primary: OfficialAccountId,
    pub(crate) account: OfficialAccountId,
    pub(crate) announcement: Announcement,
    /// Whether the client may get free text from the primary now.
    pub(crate) primary_window_open: bool,
    /// Whether the portfolio may write first to nobody else today.
    pub(crate) limit_spent: bool,
}

impl Opening<'_> {
    /// The room.
    pub(crate) fn room(&self, draw: &mut Draw) -> ChatRoom {
        let activation = self.writer.company.settings.features.room_activation;
        let by_template = self.by_template();
        let at_once = by_template && activation == RoomActivation::OnCreation;
        let link_for = self.writer.company.settings.limits.link_expires_after;
        ChatRoom {
            id: ChatRoomId::from_uuid(draw.uuid(self.writer.now)),
            user: self.user.id,
            profile: self.profile,
            identity: self.writer.identity,
            account: self.account,
            primary: self.primary,
            state: if at_once {
                RoomState::Active
            } else {
                RoomState::Invited
            },
            created_at: self.writer.now,
            closed_at: None,
            last_reminded_at: None,
            link_until: (!by_template).then(|| self.writer.now + link_for),
        }
    }

    /// The messages, in order; empty where nothing can bring the client to the number.
    ///
    /// The announcement goes first: it names the number that will write, which protects the client against phishing. Where
    /// the window of the primary is shut it is a template; a company that has none for it sends the invitation alone.
    pub(crate) fn messages(&self, room: &ChatRoom, draw: &mut Draw) -> Vec<NewOutbound> {
        let about = About {
            user: Some(self.user),
            primary: Some(room.primary),
            secondary: Some(room.account),
            room: Some(room.id),
            ..About::default()
        };
        let (text, template) = self.announcement.forms();
        let writer = &self.writer;
        if !self.by_template() {
            if !self.primary_window_open {
                return Vec::new();
            }
            let moved = (self.announcement != Announcement::UserInfo)
                .then(|| writer.text(draw, room.primary, text, about))
                .flatten();
            let link = writer.text(draw, room.primary, TextKey::HandOffLink, about);
            return moved.into_iter().chain(link).collect();
        }
        let announcement = if self.primary_window_open {
            writer.text(draw, room.primary, text, about)
        } else {
            writer.template(draw, room.primary, template, about)
        };
        let Some(invitation) = writer.template(draw, room.account, TemplatePurpose::Invitation, about) else {
            return Vec::new();
        };
        let after = announcement.as_ref().map(|announcement| announcement.id);
        let invitation = NewOutbound { after, ..invitation };
        announcement.into_iter().chain([invitation]).collect()
    }

    /// A company that onboards by link falls back on its template where no link can be sent.
    fn by_template(&self) -> bool {
        let company = self.writer.company;
        let has_template = company
            .settings
            .templates
            .contains_key(&TemplatePurpose::Invitation);
        let account = company.account(self.account);
        let goes_out = account.is_some_and(|account| company.invites_by_template(account, self.writer.now))
            && !(self.limit_spent && company.settings.features.link_fallback);
        goes_out || (!self.primary_window_open && has_template)
    }
}
