//! The user's rooms, and the contacts that wait for them.

use actix_web::{HttpResponse, web};
use onboarding_core::{
    Audience, Company, Notice, Prospect, UserId, WaitsFor,
    access::Action,
    audit::{AuditSubject, SubjectKind},
    ports::{NoticeFilter, OnboardingStore, ProspectFilter, RoomsOf, StoreError},
};
use onboarding_pages::{
    Place,
    app::{ChatRow, ChatsPage, NoticeRow, ProspectRow},
};

use super::{me::state_name, rows};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
};

/// Rooms and prospects on the page, at the most.
const SHOWN: u32 = 100;

/// What the page shows.
#[derive(Hash)]
pub(super) struct Chats {
    notices: Vec<NoticeRow>,
    prospects: Vec<ProspectRow>,
    rooms: Vec<ChatRow>,
}

impl Chats {
    /// Those of the user; without their words where the reader may not see them.
    pub(super) async fn of(
        store: &dyn OnboardingStore,
        company: &Company,
        user: UserId,
        reads: bool,
    ) -> Result<Self, StoreError> {
        let unseen = NoticeFilter {
            unseen: true,
            ..NoticeFilter::from(Audience::User(user))
        };
        let notices = store.notices(&company.id, unseen, SHOWN).await?;
        let waiting = ProspectFilter {
            waiting: true,
            user: Some(user),
            ..ProspectFilter::default()
        };
        let mut prospects = Vec::new();
        for prospect in store.prospects(&company.id, waiting, SHOWN).await? {
            prospects.push(prospect_row(store, company, prospect, reads).await?);
        }
        let mut rooms = Vec::new();
        for view in store.rooms(&company.id, RoomsOf::AllOfUser(user), SHOWN).await? {
            let record = if reads {
                Some(store.room_record(&company.id, view.room.id).await?)
            } else {
                None
            };
            rooms.push(rows::row(store, company, &view, record.as_deref()).await?);
        }
        rooms.sort_by(|a, b| b.at.cmp(&a.at));
        Ok(Self {
            notices: notices.into_iter().map(notice_row).collect(),
            prospects,
            rooms,
        })
    }

    /// Names this state.
    pub(super) fn state(&self) -> String {
        state_name(self)
    }
}

fn notice_row(told: Notice) -> NoticeRow {
    NoticeRow {
        id: told.notice.id.to_string(),
        text: told.notice.text,
        at: told.at.to_string(),
        when: rows::when(told.at),
    }
}

async fn prospect_row(
    store: &dyn OnboardingStore,
    company: &Company,
    prospect: Prospect,
    reads: bool,
) -> Result<ProspectRow, StoreError> {
    let client = store.client(&company.id, prospect.identity).await?;
    Ok(ProspectRow {
        id: prospect.id.to_string(),
        name: rows::name(client.as_ref(), None),
        text: if reads { prospect.text } else { String::new() },
        waits_for_number: prospect.waits_for == WaitsFor::Number,
        at: prospect.created_at.to_string(),
        when: rows::when(prospect.created_at),
    })
}

pub(super) async fn chats(api: web::Data<Api>, visit: Visit) -> Answer<HttpResponse> {
    let company = &visit.company;
    let reads = visit.caller.principal.may(Action::ReadMessages).is_ok();
    let chats = Chats::of(api.store.as_ref(), company, visit.user.id, reads).await?;
    if reads && !(chats.rooms.is_empty() && chats.prospects.is_empty()) {
        // One entry for the list: the last words of all rooms of this user.
        let subject = AuditSubject::new(SubjectKind::User, &visit.user.username);
        let by = visit.caller.origin();
        api.store
            .record_read(&company.id, &by, &subject, visit.now)
            .await?;
    }
    let events = format!("{}/events?of=chats&seen={}", visit.area.base(), chats.state());
    visit.page(&ChatsPage {
        shell: visit.shell(Place::Chats),
        notices: &chats.notices,
        prospects: &chats.prospects,
        rooms: &chats.rooms,
        older: None,
        events: &events,
    })
}
