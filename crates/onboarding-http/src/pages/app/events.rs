//! `/app/events`: a page hears that what it shows is different now.
//!
//! The page names the state that it shows, and the stream says `changed` with the name of another one; the page then
//! reads itself again. Nothing that a client wrote goes through the stream.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use bytes::Bytes;
use futures_util::stream;
use onboarding_core::{
    ChatRoomId, CompanyId, ImportId, Timestamp, UserId,
    access::{Action, SecretHash},
    ports::StoreError,
};
use serde::Deserialize;
use tokio::{
    sync::watch,
    time::{Interval, MissedTickBehavior, interval},
};
use uuid::Uuid;

use super::{chat::Chat, chats::Chats, me::Me};
use crate::{
    api::{Answer, Api, Shown},
    pages::{admin::pools, visit::Visit},
    problem::Problem,
};

/// How often a page is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// After so many looks without news the stream says that it is still there, so that dead connections are found.
const SILENT_FOR: u32 = 15;

/// The streams of this process: they end when it stops, since nobody waits for a page to close.
#[derive(Clone)]
pub struct Live {
    stopping: Arc<watch::Sender<bool>>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            stopping: Arc::new(watch::Sender::new(false)),
        }
    }
}

impl Live {
    /// Ends all streams, and those that begin later at once.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }
}

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

/// How often the load of the pools is looked at: it is counted over all rooms.
const POOLS_EVERY: Duration = Duration::from_secs(5);

/// What a stream looks at.
enum Looked {
    Profile,
    Chats { reads: bool },
    Chat(ChatRoomId),
    Import(ImportId),
    Pools,
}

impl Looked {
    fn looked_at_every(&self) -> Duration {
        match self {
            Self::Pools => POOLS_EVERY,
            Self::Profile | Self::Chats { .. } | Self::Chat(_) | Self::Import(_) => LOOK_EVERY,
        }
    }
}

struct Watcher {
    api: web::Data<Api>,
    company: CompanyId,
    user: UserId,
    session: SecretHash,
    base: &'static str,
    at: Looked,
    seen: String,
    every: Interval,
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
    let Shown::Session { session, .. } = &visit.caller.shown else {
        return Err(Problem::not_found());
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
    let mut every = interval(at.looked_at_every());
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watcher = Watcher {
        company: visit.company.id.clone(),
        user: visit.user.id,
        session: session.key,
        base: visit.area.base(),
        at,
        seen: heard.unwrap_or_else(|| wanted.into_inner().seen),
        every,
        silent: 0,
        begun: false,
        stopping: live.stopping.subscribe(),
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
                _ = self.every.tick() => {}
            }
            match self.look().await {
                Ok(Look::Over) => return None,
                Ok(Look::State(state)) if state != self.seen => {
                    self.silent = 0;
                    self.seen = state;
                    return Some(format!("event: changed\nid: {0}\ndata: {0}\n\n", self.seen));
                }
                // What the store cannot tell now it tells at the next look; whoever asks it for a page hears why.
                Ok(Look::State(_)) | Err(_) => self.silent += 1,
            }
            if self.silent >= SILENT_FOR {
                self.silent = 0;
                return Some(": still here\n\n".to_owned());
            }
        }
    }

    async fn look(&self) -> Result<Look, StoreError> {
        let (store, now) = (self.api.store.as_ref(), self.api.clock.now());
        if !self.holds(now).await? {
            return Ok(Look::Over);
        }
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

    /// Whether the session that opened the stream still holds. Listening is no use of it: an open page keeps nobody
    /// signed in.
    async fn holds(&self, now: Timestamp) -> Result<bool, StoreError> {
        let session = self.api.store.session(self.session).await?;
        Ok(session.is_some_and(|(session, user)| session.holds(&user, now) && user.active))
    }
}

enum Look {
    State(String),
    Over,
}
