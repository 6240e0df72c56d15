//! `/api/v1/chat-rooms`: the conversations of users and clients.

use actix_web::{HttpResponse, web};
use onboarding_core::{
    ChatRoomId, CloseReason, RoomEnd, Timestamp,
    access::{Action, Reach},
    audit::{AuditSubject, SubjectKind},
    ports::{RoomFilter, RoomView},
    service::Wish,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    Answer, Api, Body, Caller, Endpoint, Page, PageQuery, Policy, endpoint,
    names::{Names, act, actor, reaches},
    written as json,
};
use crate::problem::Problem;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let readers = Policy::May(Action::SeeRooms);
    vec![
        endpoint!(readers, list),
        endpoint!(readers, show),
        endpoint!(Policy::May(Action::ReadMessages), messages),
        endpoint!(Policy::May(Action::ChangeRooms), close),
        endpoint!(Policy::May(Action::ChangeRooms), hand_over),
    ]
}

/// The conversation of a user and a client on one secondary number.
#[derive(Debug, Serialize, ToSchema)]
struct ChatRoom {
    id: Uuid,
    /// Username.
    user: String,
    client: Uuid,
    client_profile: Uuid,
    /// The secondary that carries it; none once it was removed.
    number: Option<json::Phone>,
    /// The primary through which the client came; none once it was removed.
    primary: Option<json::Phone>,
    /// `invited`, `active`, `closed` or `failed`.
    state: &'static str,
    created_at: json::Moment,
    closed_at: Option<json::Moment>,
    last_reminded_at: Option<json::Moment>,
    /// How it was closed.
    end: Option<End>,
    /// Why it failed.
    failure: Option<String>,
}

/// How a room was closed.
#[derive(Debug, Serialize, ToSchema)]
struct End {
    /// Such as `user` with an id, `operator`, `client` or `service`.
    by: String,
    /// Such as `ended` or `handed_over`.
    reason: &'static str,
    note: Option<String>,
}

async fn shown(names: &mut Names<'_>, view: RoomView) -> Answer<ChatRoom> {
    let RoomView { room, end, failure } = view;
    Ok(ChatRoom {
        id: room.id.as_uuid(),
        user: names.username(room.user).await?,
        client: room.identity.as_uuid(),
        client_profile: room.profile.as_uuid(),
        number: names.number(room.account),
        primary: names.number(room.primary),
        state: room.state.as_str(),
        created_at: json::Moment(room.created_at),
        closed_at: room.closed_at.map(json::Moment),
        last_reminded_at: room.last_reminded_at.map(json::Moment),
        end: end.map(|end| End {
            by: end.by.to_string(),
            reason: end.reason.as_str(),
            note: end.note,
        }),
        failure,
    })
}

/// The room, if it is there for the caller.
async fn room(api: &Api, caller: &Caller, id: Uuid) -> Answer<RoomView> {
    let company = &caller.principal.company;
    let view = api.store.room(company, ChatRoomId::from_uuid(id)).await?;
    view.filter(|view| reaches(caller, view.room.user))
        .ok_or_else(Problem::not_found)
}

/// Which rooms.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only those of the user with this username.
    user: Option<String>,
    /// `true`: only those that live.
    live: Option<bool>,
    /// Items on the page, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the page before; without it, the first page.
    cursor: Option<String>,
}

/// The rooms, newest first, over or not. Users see their own.
#[utoipa::path(
    get,
    path = "/api/v1/chat-rooms",
    tag = "chat-rooms",
    params(Wanted),
    responses((status = 200, description = "a page", body = Page<ChatRoom>))
)]
async fn list(
    api: web::Data<Api>,
    caller: Caller,
    wanted: web::Query<Wanted>,
) -> Answer<web::Json<Page<ChatRoom>>> {
    let wanted = wanted.into_inner();
    let query = PageQuery::new(wanted.limit, wanted.cursor);
    let (after, to_fetch) = (query.after::<(i64, Uuid)>()?, query.to_fetch()?);
    let mut names = Names::of(&api, &caller).await?;
    let mut filter = RoomFilter {
        user: (caller.reach == Reach::Own)
            .then(|| caller.principal.user())
            .flatten(),
        live: wanted.live.unwrap_or(false),
        after: after.map(|(at, id)| (Timestamp::from_micros(at), ChatRoomId::from_uuid(id))),
    };
    if let Some(username) = wanted.user {
        let user = names
            .user(&username)
            .await?
            .filter(|user| reaches(&caller, *user));
        let Some(user) = user else {
            return Ok(web::Json(query.page(Vec::new(), |one: &ChatRoom| one.id)?));
        };
        filter.user = Some(user);
    }
    let company = &caller.principal.company;
    let views = api.store.list_rooms(company, filter, to_fetch).await?;
    let key = |view: &RoomView| (view.room.created_at.as_micros(), view.room.id.as_uuid());
    let page = query.page(views, key)?;
    let mut items = Vec::new();
    for view in page.items {
        items.push(shown(&mut names, view).await?);
    }
    Ok(web::Json(Page {
        items,
        next_cursor: page.next_cursor,
    }))
}

/// One room.
#[utoipa::path(
    get,
    path = "/api/v1/chat-rooms/{id}",
    tag = "chat-rooms",
    params(("id" = Uuid, Path, description = "its id")),
    responses((status = 200, description = "the room", body = ChatRoom), (status = 404, description = "none here"))
)]
async fn show(api: web::Data<Api>, caller: Caller, id: web::Path<Uuid>) -> Answer<web::Json<ChatRoom>> {
    let view = room(&api, &caller, *id).await?;
    let mut names = Names::of(&api, &caller).await?;
    Ok(web::Json(shown(&mut names, view).await?))
}

/// What was written in a room.
#[derive(Debug, Serialize, ToSchema)]
struct Messages {
    /// Oldest first.
    items: Vec<Message>,
}

/// One message.
#[derive(Debug, Serialize, ToSchema)]
struct Message {
    /// When it was written or queued.
    at: json::Moment,
    /// Whether the client wrote it.
    from_client: bool,
    text: String,
    /// Of ours: how far it got; empty for the client's.
    state: String,
}

/// What was written in a room. Each reading is in the audit.
#[utoipa::path(
    get,
    path = "/api/v1/chat-rooms/{id}/messages",
    tag = "chat-rooms",
    params(("id" = Uuid, Path, description = "its id")),
    responses((status = 200, description = "oldest first", body = Messages), (status = 404, description = "none here"))
)]
async fn messages(api: web::Data<Api>, caller: Caller, id: web::Path<Uuid>) -> Answer<web::Json<Messages>> {
    let view = room(&api, &caller, *id).await?;
    let (company, id) = (&caller.principal.company, view.room.id);
    let subject = AuditSubject::new(SubjectKind::ChatRoom, id);
    api.store
        .record_read(company, &caller.origin(), &subject, api.clock.now())
        .await?;
    let lines = api.store.room_record(company, id).await?;
    let items = lines.into_iter().map(|line| Message {
        at: json::Moment(line.at),
        from_client: line.from_client,
        text: line.text,
        state: line.state,
    });
    Ok(web::Json(Messages {
        items: items.collect(),
    }))
}

/// How a room ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "note": "The account was closed." }))]
struct Closure {
    /// For the record.
    #[schema(max_length = 1000)]
    note: Option<String>,
}

/// Close a room. Its number is free for its user and this client from then on.
#[utoipa::path(
    post,
    path = "/api/v1/chat-rooms/{id}/closure",
    tag = "chat-rooms",
    params(("id" = Uuid, Path, description = "its id")),
    request_body = Closure,
    responses(
        (status = 204, description = "closed"),
        (status = 404, description = "none here"),
        (status = 409, description = "it is over already"),
    )
)]
async fn close(
    api: web::Data<Api>,
    caller: Caller,
    id: web::Path<Uuid>,
    body: Body<Closure>,
) -> Answer<HttpResponse> {
    let view = room(&api, &caller, *id).await?;
    let end = end(&caller, CloseReason::Ended, body.0.note)?;
    let wish = Wish::CloseRoom {
        room: view.room.id,
        end,
    };
    act(&api, &caller, &wish).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who goes on with a client.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "to": "kate", "note": "Dom is on leave." }))]
struct Handover {
    /// Username.
    to: String,
    /// For the record.
    #[schema(max_length = 1000)]
    note: Option<String>,
}

/// What became of a handover.
#[derive(Debug, Serialize, ToSchema)]
struct HandedOver {
    /// The new room; none when the other user has one with the client already.
    chat_room: Option<Uuid>,
}

/// Hand a room over: it is closed, and its client comes to a room with the other user, on another number.
#[utoipa::path(
    post,
    path = "/api/v1/chat-rooms/{id}/handover",
    tag = "chat-rooms",
    params(("id" = Uuid, Path, description = "its id")),
    request_body = Handover,
    responses(
        (status = 200, description = "handed over", body = HandedOver),
        (status = 404, description = "none here"),
        (status = 409, description = "it cannot be handed over now"),
    )
)]
async fn hand_over(
    api: web::Data<Api>,
    caller: Caller,
    id: web::Path<Uuid>,
    body: Body<Handover>,
) -> Answer<web::Json<HandedOver>> {
    let view = room(&api, &caller, *id).await?;
    let Handover { to, note } = body.0;
    let names = Names::of(&api, &caller).await?;
    let to = names.user(&to).await?;
    let to = to.ok_or_else(|| Problem::field("/to", "there is no user with this username"))?;
    let wish = Wish::HandOverRoom {
        room: view.room.id,
        to,
        end: end(&caller, CloseReason::HandedOver, note)?,
    };
    let done = act(&api, &caller, &wish).await?;
    Ok(web::Json(HandedOver {
        chat_room: done.new_room.map(|room| room.id.as_uuid()),
    }))
}

fn end(caller: &Caller, reason: CloseReason, note: Option<String>) -> Answer<RoomEnd> {
    let fits = note.as_ref().is_none_or(|note| {
        note.chars().count() <= 1000 && !note.contains(|c: char| c.is_control() && c != '\n')
    });
    if !fits {
        return Err(Problem::field(
            "/note",
            "write 1000 characters at the most, and no control characters",
        ));
    }
    Ok(RoomEnd {
        by: actor(caller),
        reason,
        note,
    })
}
