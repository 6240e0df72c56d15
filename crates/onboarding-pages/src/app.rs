//! Leap Work: what users see of themselves and of their clients.

mod chats;
mod profile;
mod tab;

pub use chats::{
    ChatLine, ChatPage, ChatRow, ChatsPage, ClosingPage, Delivery, NoticeRow, ProspectRow, RoomMark,
};
pub use profile::{Code, CodePage, Person, ProfilePage};
pub use tab::TabPage;
