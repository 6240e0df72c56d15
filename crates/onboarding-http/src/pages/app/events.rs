//! `/app/events`: a page hears that what it shows is different now.
//!
//! The page names the state that it shows, and the stream says `changed` with the name of another one; the page then
//! reads itself again. Nothing that a client wrote goes through the stream.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use bytes::Bytes;
use futures_util::stream;
use onboarding_core::{
    ChatRoomId, CompanyId, ImportId, Timestamp, User, UserId,
    access::{Action, SecretHash, Session},
    ports::StoreError,
};
use serde::Deserialize;
use tokio::{
    sync::watch,
    time::{Interval, MissedTickBehavior, interval},
};
use uuid::Uuid;

use super::{chat::Chat, chats::Chats, live::Live, me::Me};
use crate::{
    api::{Answer, Api, Shown},
    pages::{admin::pools, visit::Visit},
    problem::Problem,
};

/// How often it is asked whether what opened the stream holds by the clock; that asks the store nothing.
const EVERY: Duration = Duration::from_secs(1);

/// After so many seconds a page is looked at in any case: some of what it shows changes with the time alone.
const LOOK_ANYWAY: u32 = 15;

/// After so many seconds without news the stream says that it is still there, so that dead connections are found.
const SILENT_FOR: u32 = 15;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Of {
    Profile,
    Chats,
    Chat,
    Import,
    Pools,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    of: Of,
    room: Option<Uuid>,
    id: Option<Uuid>,
    #[serde(default)]
    seen: String,
}

/// What a stream looks at.
enum Looked {
    Profile,
    Chats { reads: bool },
    Chat(ChatRoomId),
    Import(ImportId),
    Pools,
}

impl Looked {
    /// So many seconds pass between two looks. The load of the pools is counted over all rooms.
    fn rests_for(&self) -> u32 {
        match self {
            Self::Pools => 5,
            Self::Profile | Self::Chats { .. } | Self::Chat(_) | Self::Import(_) => 0,
        }
    }
}

/// By what somebody may listen.
enum Leave {
    /// As long as their session holds.
    Session(SecretHash),
    /// A token was good when the stream began; at this time it has to be shown again.
    Token { until: Timestamp },
}

/// So long a stream goes on that a token opened.
const TOKEN_HOLDS_FOR: Duration = Duration::from_mins(5);

struct Watcher {
    api: web::Data<Api>,
    company: CompanyId,
    user: UserId,
    leave: Leave,
    base: &'static str,
    at: Looked,
    seen: String,
    live: Live,
    changes: watch::Receiver<u64>,
    every: Interval,
    /// Something changed since the last look.
    has_news: bool,
    /// Seconds since the last look.
    since_look: u32,
    /// The session as it was read last.
    session: Option<(Session, User)>,
    /// Whether what opened the stream may have ended since it was read.
    is_unproven: bool,
    /// Seconds since the last word.
    silent: u32,
    begun: bool,
    stopping: watch::Receiver<bool>,
}

pub(super) async fn events(
    api: web::Data<Api>,
    live: web::Data<Live>,
    visit: Visit,
    wanted: web::Query<Wanted>,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    let leave = match &visit.caller.shown {
        Shown::Session { session, .. } => Leave::Session(session.key),
        Shown::Bearer => Leave::Token {
            until: visit.now + TOKEN_HOLDS_FOR,
        },
    };
    let may = |action| visit.caller.principal.may(action).is_ok();
    let at = match (&wanted.of, wanted.room.or(wanted.id)) {
        (Of::Profile, None) => Looked::Profile,
        (Of::Chats, None) if may(Action::SeeRooms) => Looked::Chats {
            reads: may(Action::ReadMessages),
        },
        (Of::Chat, Some(room)) if may(Action::ReadMessages) => Looked::Chat(ChatRoomId::from_uuid(room)),
        (Of::Import, Some(id)) if may(Action::SeeConfig) => Looked::Import(ImportId::from_uuid(id)),
        (Of::Pools, None) if may(Action::SeeConfig) => Looked::Pools,
        _ => return Err(Problem::not_found()),
    };
    let heard = request.headers().get("last-event-id");
    let heard = heard.and_then(|id| id.to_str().ok()).map(str::to_owned);
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watcher = Watcher {
        company: visit.company.id.clone(),
        user: visit.user.id,
        leave,
        base: visit.area.base(),
        at,
        seen: heard.unwrap_or_else(|| wanted.into_inner().seen),
        changes: live.follow(&api.store, &visit.company.id),
        every,
        has_news: true,
        since_look: LOOK_ANYWAY,
        session: None,
        is_unproven: true,
        silent: 0,
        begun: false,
        stopping: live.stopping(),
        live: live.get_ref().clone(),
        api,
    };
    let stream = stream::unfold(watcher, |mut watcher| async move {
        let words = watcher.next().await?;
        Some((Ok::<_, actix_web::Error>(Bytes::from(words)), watcher))
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream))
}

impl Watcher {
    /// What the stream says next; nothing when it is over.
    async fn next(&mut self) -> Option<String> {
        if !std::mem::replace(&mut self.begun, true) {
            return Some("retry: 2000\n\n".to_owned());
        }
        loop {
            tokio::select! {
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                heard = self.changes.changed() => {
                    if heard.is_err() {
                        self.changes = self.live.follow(&self.api.store, &self.company);
                    }
                    (self.has_news, self.is_unproven) = (true, true);
                }
                _ = self.every.tick() => {
                    self.since_look += 1;
                    self.silent += 1;
                }
            }
            let looks_anyway = self.since_look >= LOOK_ANYWAY;
            self.is_unproven |= looks_anyway;
            // What the store cannot tell now it tells a second later; whoever asks it for a page hears why.
            if let Ok(false) = self.holds().await {
                return None;
            }
            if looks_anyway || self.has_news && self.since_look >= self.at.rests_for() {
                self.since_look = 0;
                let look = self.look().await;
                self.has_news = look.is_err();
                match look {
                    Ok(Look::Over) => return None,
                    Ok(Look::State(state)) if state != self.seen => {
                        self.silent = 0;
                        self.seen = state;
                        return Some(format!("event: changed\nid: {0}\ndata: {0}\n\n", self.seen));
                    }
                    Ok(Look::State(_)) | Err(_) => {}
                }
            }
            if self.silent >= SILENT_FOR {
                self.silent = 0;
                return Some(": still here\n\n".to_owned());
            }
        }
    }

    async fn look(&self) -> Result<Look, StoreError> {
        let (store, now) = (self.api.store.as_ref(), self.api.clock.now());
        let Some(company) = store.company(&self.company).await? else {
            return Ok(Look::Over);
        };
        let state = match self.at {
            Looked::Profile => {
                let user = store.user(&self.company, self.user).await?;
                user.map(|user| Me::of(&company, &user, self.base, now).state())
            }
            Looked::Chats { reads } => {
                let chats = Chats::of(store, &company, self.user, reads).await?;
                Some(chats.state())
            }
            Looked::Chat(room) => {
                let chat = Chat::of(store, &company, self.user, room).await?;
                chat.map(|chat| chat.state())
            }
            Looked::Import(id) => {
                let import = store.import(&self.company, id).await?;
                import.map(|import| format!("{}-{}", import.state, import.counts.done()))
            }
            Looked::Pools => Some(pools::state(&self.api, &company, now).await?),
        };
        Ok(state.map_or(Look::Over, Look::State))
    }

    /// Whether what opened the stream still holds. Listening is no use of a session: an open page keeps nobody signed in.
    ///
    /// The store is asked only where something may have ended it: what ends a session is in the audit, which moves the mark of
    /// the company.
    async fn holds(&mut self) -> Result<bool, StoreError> {
        let (store, now) = (&self.api.store, self.api.clock.now());
        match self.leave {
            Leave::Session(key) => {
                let known = self.session.as_ref();
                if !self.is_unproven && known.is_some_and(|(session, user)| session.holds(user, now)) {
                    return Ok(true);
                }
                let found = store.session(key).await?;
                self.session = found.filter(|(session, user)| session.holds(user, now) && user.active);
                self.is_unproven = false;
                Ok(self.session.is_some())
            }
            Leave::Token { until } if now >= until => Ok(false),
            Leave::Token { .. } if !self.is_unproven => Ok(true),
            Leave::Token { .. } => {
                let user = store.user(&self.company, self.user).await?;
                self.is_unproven = false;
                Ok(user.is_some_and(|user| user.active))
            }
        }
    }
}

enum Look {
    State(String),
    Over,
}
