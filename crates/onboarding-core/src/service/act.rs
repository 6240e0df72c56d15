//! Acts: what people and timers want done with rooms and prospects is decided on fresh facts, and stored.

mod load;

use std::sync::Arc;

use crate::{
    Act, ActId, Actor, ChatRoomId, Client, Company, CompanyId, Draw, ProspectId, ProspectState, RoomEnd,
    Timestamp, UserId,
    audit::Origin,
    lifecycle::{Obstacle, close_room, end_prospect, expire_link, hand_over, move_room, promote},
    ports::{
        ActCommit, ActOutcome, Acts, ChatRoomCheck, ClientProfileSelection, Clock, CompanyDirectory, Entropy,
        OnboardingStore, PlatformRecord, Prospects, RoomLife, SecondaryNumberAllocation, StoreError,
    },
};

/// How often an act is decided again after a conflict.
const MAX_DECISIONS: u32 = 5;

/// What acts need.
#[derive(Clone)]
pub struct ActPorts {
    /// Companies.
    pub companies: Arc<dyn CompanyDirectory>,
    /// Rooms and those who stand in them.
    pub rooms: Arc<dyn RoomLife>,
    /// Contacts that wait.
    pub prospects: Arc<dyn Prospects>,
    /// Which rooms two have, and when a client wrote.
    pub chat_room_check: Arc<dyn ChatRoomCheck>,
    /// Step 4.
    pub client_profile_selection: Arc<dyn ClientProfileSelection>,
    /// Step 5.
    pub secondary_number_allocation: Arc<dyn SecondaryNumberAllocation>,
    /// What counts against messaging limits.
    pub platform: Arc<dyn PlatformRecord>,
    /// Stores acts.
    pub acts: Arc<dyn Acts>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

impl ActPorts {
    /// All ports of one store.
    pub fn on_store(
        store: &Arc<dyn OnboardingStore>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            companies: store.clone(),
            rooms: store.clone(),
            prospects: store.clone(),
            chat_room_check: store.clone(),
            client_profile_selection: store.clone(),
            secondary_number_allocation: store.clone(),
            platform: store.clone(),
            acts: store.clone(),
            clock,
            entropy,
        }
    }
}

/// What somebody wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// A room closed.
    CloseRoom {
        /// The room.
        room: ChatRoomId,
        /// How it ends.
        end: RoomEnd,
    },
    /// A room closed and its client with another user.
    HandOverRoom {
        /// The room.
        room: ChatRoomId,
        /// Who goes on.
        to: UserId,
        /// How it ends.
        end: RoomEnd,
    },
    /// A room on a number that is out of use on another one.
    MoveRoom {
        /// The room.
        room: ChatRoomId,
        /// Who wants it.
        by: Actor,
    },
    /// A room over whose client did not use the link in time.
    ExpireLink {
        /// The room.
        room: ChatRoomId,
    },
    /// A prospect in a room.
    Promote {
        /// The prospect.
        prospect: ProspectId,
        /// Who wants it.
        by: Actor,
    },
    /// A prospect gone.
    EndProspect {
        /// The prospect.
        prospect: ProspectId,
        /// As what.
        state: ProspectState,
        /// Who wants it.
        by: Actor,
    },
}

/// What became of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acted {
    /// It is done, by this act.
    Done(Box<Act>),
    /// It cannot be done now.
    Prevented(Obstacle),
    /// There is no such room, prospect or user.
    NotFound,
    /// Others were faster time and again.
    Contended,
}

/// The revisions that a decision rests on.
struct Basis {
    company: u64,
    client: u64,
}

impl Basis {
    fn of(company: &Company, client: &Client) -> Self {
        Self {
            company: company.revision,
            client: client.revision,
        }
    }
}

/// Decides wishes and stores the acts.
#[derive(Clone)]
pub struct ActService {
    ports: ActPorts,
}

impl ActService {
    /// On these ports.
    pub fn new(ports: ActPorts) -> Self {
        Self { ports }
    }

    /// Does what is wished, once: whoever wishes the same again finds it done. `origin` stands in the audit.
    pub async fn act(&self, company: &CompanyId, wish: &Wish, origin: &Origin) -> Result<Acted, StoreError> {
        let (now, mut draw) = self.now_and_draw();
        for _ in 0..MAX_DECISIONS {
            let Some((basis, decided)) = self.decide(company, wish, now, &mut draw).await? else {
                return Ok(Acted::NotFound);
            };
            let act = match decided {
                Ok(act) => act,
                Err(obstacle) => return Ok(Acted::Prevented(obstacle)),
            };
            let commit = ActCommit {
                company: company.clone(),
                expected_revision: basis.company,
                expected_client: basis.client,
                id: ActId::from_uuid(draw.uuid(now)),
                decided_at: now,
                origin: origin.clone(),
                act: act.clone(),
            };
            match self.ports.acts.commit_act(commit).await? {
                ActOutcome::Committed => return Ok(Acted::Done(Box::new(act))),
                ActOutcome::Conflict(_) => {}
            }
        }
        Ok(Acted::Contended)
    }

    /// What would become of a room if its number were retired; nothing changes.
    pub async fn preview_retirement(
        &self,
        company: &CompanyId,
        room: ChatRoomId,
    ) -> Result<Acted, StoreError> {
        let (now, mut draw) = self.now_and_draw();
        let Some(mut context) = self.ports.room_context(company, room).await? else {
            return Ok(Acted::NotFound);
        };
        let mut wished = context.company.as_ref().clone();
        for account in &mut wished.accounts {
            account.retired |= account.id == context.room.account;
        }
        context.company = Arc::new(wished);
        let usage = self
            .ports
            .usage_for(&context.company, &context.user, context.room.identity)
            .await?;
        let moved = move_room(&context, &usage, Actor::Operator, now, &mut draw);
        Ok(moved.map_or_else(Acted::Prevented, |act| Acted::Done(Box::new(act))))
    }

    fn now_and_draw(&self) -> (Timestamp, Draw) {
        let seed = self.ports.entropy.seed();
        (self.ports.clock.now(), Draw::from_seed(seed))
    }

    /// The decision, and what it rests on.
    async fn decide(
        &self,
        company: &CompanyId,
        wish: &Wish,
        now: Timestamp,
        draw: &mut Draw,
    ) -> Result<Option<(Basis, Result<Act, Obstacle>)>, StoreError> {
        let ports = &self.ports;
        let decided = match wish {
            Wish::CloseRoom { room, end } => {
                let Some(context) = ports.room_context(company, *room).await? else {
                    return Ok(None);
                };
                let act = close_room(&context, end.clone(), now, draw);
                (Basis::of(&context.company, &context.client), act)
            }
            Wish::HandOverRoom { room, to, end } => {
                let Some(context) = ports.room_context(company, *room).await? else {
                    return Ok(None);
                };
                let Some(successor) = ports.successor(&context, *to).await? else {
                    return Ok(None);
                };
                let act = hand_over(&context, &successor, end.clone(), now, draw);
                (Basis::of(&context.company, &context.client), act)
            }
            Wish::MoveRoom { room, by } => {
                let Some(context) = ports.room_context(company, *room).await? else {
                    return Ok(None);
                };
                let usage = ports
                    .usage_for(&context.company, &context.user, context.room.identity)
                    .await?;
                let act = move_room(&context, &usage, *by, now, draw);
                (Basis::of(&context.company, &context.client), act)
            }
            Wish::ExpireLink { room } => {
                let Some(context) = ports.room_context(company, *room).await? else {
                    return Ok(None);
                };
                (
                    Basis::of(&context.company, &context.client),
                    expire_link(&context, now, draw),
                )
            }
            Wish::Promote { prospect, by } => {
                let Some(context) = ports.prospect_context(company, *prospect).await? else {
                    return Ok(None);
                };
                (
                    Basis::of(&context.company, &context.client),
                    promote(&context, *by, now, draw),
                )
            }
            Wish::EndProspect { prospect, state, by } => {
                let Some(context) = ports.prospect_context(company, *prospect).await? else {
                    return Ok(None);
                };
                let act = end_prospect(&context, *state, *by, now, draw);
                (Basis::of(&context.company, &context.client), act)
            }
        };
        Ok(Some(decided))
    }
}
