//! What was said in a room.

use actix_web::{HttpResponse, web};
use onboarding_core::{
    ChatRoomId, Company, UserId,
    access::Action,
    audit::{AuditSubject, SubjectKind},
    ports::{OnboardingStore, StoreError},
};
use onboarding_pages::{
    Place,
    app::{ChatLine, ChatPage, ChatRow, ClosingPage, RoomMark},
};
use uuid::Uuid;

use super::{me::state_name, rows};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
    problem::Problem,
};

/// A room with its record.
#[derive(Hash)]
pub(super) struct Chat {
    room: ChatRow,
    lines: Vec<ChatLine>,
}

impl Chat {
    /// The user's room with this id; another's is not there.
    pub(super) async fn of(
        store: &dyn OnboardingStore,
        company: &Company,
        user: UserId,
        room: ChatRoomId,
    ) -> Result<Option<Self>, StoreError> {
        let view = store.room(&company.id, room).await?;
        let Some(view) = view.filter(|view| view.room.user == user) else {
            return Ok(None);
        };
        let record = store.room_record(&company.id, room).await?;
        Ok(Some(Self {
            room: rows::row(store, company, &view, Some(&record)).await?,
            lines: record.iter().map(rows::line).collect(),
        }))
    }

    /// Names this state.
    pub(super) fn state(&self) -> String {
        state_name(self)
    }

    fn is_live(&self) -> bool {
        matches!(self.room.mark, RoomMark::Invited | RoomMark::Active)
    }
}

async fn own(api: &Api, visit: &Visit, room: Uuid) -> Answer<Chat> {
    let room = ChatRoomId::from_uuid(room);
    let chat = Chat::of(api.store.as_ref(), &visit.company, visit.user.id, room).await?;
    chat.ok_or_else(Problem::not_found)
}

pub(super) async fn chat(api: web::Data<Api>, visit: Visit, room: web::Path<Uuid>) -> Answer<HttpResponse> {
    let chat = own(&api, &visit, *room).await?;
    let subject = AuditSubject::new(SubjectKind::ChatRoom, &chat.room.id);
    let by = visit.caller.origin();
    api.store
        .record_read(&visit.company.id, &by, &subject, visit.now)
        .await?;
    let events = format!(
        "{}/events?of=chat&room={}&seen={}",
        visit.area.base(),
        chat.room.id,
        chat.state()
    );
    visit.page(&ChatPage {
        shell: visit.shell(Place::Chats),
        room: &chat.room,
        lines: &chat.lines,
        may_close: chat.is_live() && visit.caller.principal.may(Action::ChangeRooms).is_ok(),
        events: &events,
    })
}

/// Asks once more, where no script opens the question in the page itself.
pub(super) async fn closing(
    api: web::Data<Api>,
    visit: Visit,
    room: web::Path<Uuid>,
) -> Answer<HttpResponse> {
    let chat = own(&api, &visit, *room).await?;
    if !chat.is_live() {
        return Ok(super::see(format!(
            "{}/chats/{}",
            visit.area.base(),
            chat.room.id
        )));
    }
    visit.page(&ClosingPage {
        shell: visit.shell(Place::Chats),
        room: &chat.room,
    })
}
