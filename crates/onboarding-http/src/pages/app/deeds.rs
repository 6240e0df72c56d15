//! What users do with their rooms and with the contacts that wait for them.

use actix_web::{HttpResponse, http::StatusCode, web};
use onboarding_core::{
    Actor, Audience, ChatRoomId, CloseReason, NoticeId, ProspectId, ProspectState, RoomEnd,
    service::{ActPorts, ActService, Acted, Wish},
};
use uuid::Uuid;

use super::see;
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
    problem::Problem,
};

pub(super) async fn close(api: web::Data<Api>, visit: Visit, room: web::Path<Uuid>) -> Answer<HttpResponse> {
    let room = ChatRoomId::from_uuid(*room);
    let view = api.store.room(&visit.company.id, room).await?;
    view.filter(|view| view.room.user == visit.user.id)
        .ok_or_else(Problem::not_found)?;
    let end = RoomEnd {
        by: Actor::User(visit.user.id),
        reason: CloseReason::Ended,
        note: None,
    };
    act(&api, &visit, &Wish::CloseRoom { room, end }).await?;
    Ok(see(format!("{}/chats/{room}", visit.area.base())))
}

pub(super) async fn promote(
    api: web::Data<Api>,
    visit: Visit,
    prospect: web::Path<Uuid>,
) -> Answer<HttpResponse> {
    let prospect = own_prospect(&api, &visit, *prospect).await?;
    let by = Actor::User(visit.user.id);
    act(&api, &visit, &Wish::Promote { prospect, by }).await?;
    Ok(see(format!("{}/chats", visit.area.base())))
}

pub(super) async fn reject(
    api: web::Data<Api>,
    visit: Visit,
    prospect: web::Path<Uuid>,
) -> Answer<HttpResponse> {
    let prospect = own_prospect(&api, &visit, *prospect).await?;
    let wish = Wish::EndProspect {
        prospect,
        state: ProspectState::Rejected,
        by: Actor::User(visit.user.id),
    };
    act(&api, &visit, &wish).await?;
    Ok(see(format!("{}/chats", visit.area.base())))
}

/// The user saw a notice of theirs; another's is not there.
pub(super) async fn see_notice(
    api: web::Data<Api>,
    visit: Visit,
    notice: web::Path<Uuid>,
) -> Answer<HttpResponse> {
    let (company, own) = (&visit.company.id, Audience::User(visit.user.id));
    let notice = NoticeId::from_uuid(*notice);
    let seen = api.store.see(company, own, notice, visit.now).await?;
    seen.ok_or_else(Problem::not_found)?;
    Ok(see(format!("{}/chats", visit.area.base())))
}

/// A contact that waits for this user; another's is not there.
async fn own_prospect(api: &Api, visit: &Visit, id: Uuid) -> Answer<ProspectId> {
    let id = ProspectId::from_uuid(id);
    let prospect = api.store.prospect(&visit.company.id, id).await?;
    let own = prospect.filter(|prospect| prospect.user == visit.user.id);
    own.map(|prospect| prospect.id).ok_or_else(Problem::not_found)
}

async fn act(api: &Api, visit: &Visit, wish: &Wish) -> Answer<()> {
    let ports = ActPorts::on_store(&api.store, api.clock.clone(), api.entropy.clone());
    let origin = visit.caller.origin();
    match ActService::new(ports)
        .act(&visit.company.id, wish, &origin)
        .await?
    {
        Acted::Done(_) => Ok(()),
        Acted::NotFound => Err(Problem::not_found()),
        Acted::Prevented(why) => Err(Problem::new(StatusCode::CONFLICT, "prevented", why.to_string())),
        Acted::Contended => Err(Problem::new(
            StatusCode::CONFLICT,
            "prevented",
            "others changed it at the same time; try again",
        )),
    }
}
