//! Upkeep: what has to follow from a change of the company or from the passing of time.
//!
//! Everything here looks at how things stand, not at what happened: it may be called at any time, by any number of
//! replicas, and does nothing where nothing is to be done. A replica that loses a race finds the work done.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::act::{ActPorts, ActService, Acted, Wish};
use crate::{
    ActKind, Actor, Audience, ChatRoom, CloseReason, CompanyId, Draw, NewNotice, NoticeId, NoticeKind,
    ProspectId, ProspectState, RoomEnd, UserId, WaitsFor,
    audit::Origin,
    lifecycle::Obstacle,
    ports::{Notices, ProspectFilter, RoomView, RoomsOf, StoreError},
};

/// How many rooms or prospects one look takes on.
const BATCH: u32 = 200;

/// What became of one room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The room as it was.
    pub room: ChatRoom,
    /// What was done; `None` where it is as it was, for the reason beside it.
    pub done: Option<ActKind>,
    /// What stood in the way of something better.
    pub obstacle: Option<Obstacle>,
}

/// What one look at a company did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upkept {
    /// Rooms of users who left, and rooms on numbers that are out of use.
    pub rooms: Vec<Settled>,
    /// Clients of the waiting list who have a number now.
    pub numbers_found: usize,
    /// Prospects that waited too long.
    pub expired: usize,
    /// Rooms whose clients did not use the link to them.
    pub links_expired: usize,
}

impl Upkept {
    /// Whether anything changed.
    pub fn changed(&self) -> bool {
        self.numbers_found + self.expired + self.links_expired > 0
            || self.rooms.iter().any(|room| room.done.is_some())
    }
}

/// Does what has to follow.
pub struct UpkeepService {
    ports: ActPorts,
    notices: Arc<dyn Notices>,
    acts: ActService,
    /// Of each company the prospect on the waiting list that was looked at last, so that a long list is gone through
    /// in turns.
    looked_at: Mutex<BTreeMap<CompanyId, ProspectId>>,
}

impl UpkeepService {
    /// On these ports.
    pub fn new(ports: ActPorts, notices: Arc<dyn Notices>) -> Self {
        Self {
            acts: ActService::new(ports.clone()),
            ports,
            notices,
            looked_at: Mutex::default(),
        }
    }

    /// Everything that is due in a company.
    pub async fn look_after(&self, company: &CompanyId) -> Result<Upkept, StoreError> {
        let expired = self.expire(company).await?;
        let links_expired = self.expire_links(company).await?;
        let mut rooms = self
            .settle_leavers(company, Actor::Service, &Origin::system())
            .await?;
        rooms.extend(
            self.settle_numbers(company, Actor::Service, &Origin::system())
                .await?,
        );
        let numbers_found = self.serve_waiting_list(company).await?;
        Ok(Upkept {
            rooms,
            numbers_found,
            expired,
            links_expired,
        })
    }

    /// Hands the rooms of users who left over to whoever was named, and closes those that nobody gets. Their prospects
    /// end.
    pub async fn settle_leavers(
        &self,
        company: &CompanyId,
        by: Actor,
        origin: &Origin,
    ) -> Result<Vec<Settled>, StoreError> {
        let mut settled = Vec::new();
        for view in self.ports.rooms.rooms(company, RoomsOf::Leavers, BATCH).await? {
            settled.push(self.settle_leaver(company, view.room, by, origin).await?);
        }
        let filter = ProspectFilter {
            waiting: true,
            of_leavers: true,
            ..ProspectFilter::default()
        };
        for prospect in self.ports.prospects.prospects(company, filter, BATCH).await? {
            let wish = Wish::EndProspect {
                prospect: prospect.id,
                state: ProspectState::Rejected,
                by,
            };
            self.acts.act(company, &wish, origin).await?;
        }
        Ok(settled)
    }

    async fn settle_leaver(
        &self,
        company: &CompanyId,
        room: ChatRoom,
        by: Actor,
        origin: &Origin,
    ) -> Result<Settled, StoreError> {
        let mut end = RoomEnd {
            by,
            reason: CloseReason::UserLeft,
            note: None,
        };
        let mut obstacle = None;
        if let Some(to) = self.ports.rooms.successor_of(company, room.user).await? {
            let wish = Wish::HandOverRoom {
                room: room.id,
                to,
                end: end.clone(),
            };
            match self.acts.act(company, &wish, origin).await? {
                Acted::Done(act) => return Ok(Settled::done(room, act.kind, None)),
                Acted::Prevented(why) => obstacle = Some(why),
                Acted::NotFound => {}
                Acted::Contended => return Ok(Settled::left(room, None)),
            }
            let text = "A room of a user who left could not be handed over to you; it was closed.";
            self.tell_stuck(company, &room, Some(to), obstacle, text).await?;
        }
        end.note = obstacle.map(|why| format!("not handed over: {why}"));
        let wish = Wish::CloseRoom { room: room.id, end };
        Ok(match self.acts.act(company, &wish, origin).await? {
            Acted::Done(act) => Settled::done(room, act.kind, obstacle),
            Acted::Prevented(why) => Settled::left(room, Some(why)),
            Acted::NotFound | Acted::Contended => Settled::left(room, None),
        })
    }

    /// Moves the rooms on numbers that are out of use, or banned by WhatsApp, to others. Those that cannot move stay, are
    /// told of, and are looked at again.
    pub async fn settle_numbers(
        &self,
        company: &CompanyId,
        by: Actor,
        origin: &Origin,
    ) -> Result<Vec<Settled>, StoreError> {
        let mut settled = Vec::new();
        for view in self.rooms_to_move(company).await? {
            let room = view.room;
            let wish = Wish::MoveRoom { room: room.id, by };
            settled.push(match self.acts.act(company, &wish, origin).await? {
                Acted::Done(act) => Settled::done(room, act.kind, None),
                Acted::Prevented(Obstacle::Over | Obstacle::InUse) | Acted::NotFound | Acted::Contended => {
                    Settled::left(room, None)
                }
                Acted::Prevented(why) => {
                    let text = "A room is on a number that is out of use, and could not be moved.";
                    let user = Some(room.user);
                    self.tell_stuck(company, &room, user, Some(why), text).await?;
                    Settled::left(room, Some(why))
                }
            });
        }
        Ok(settled)
    }

    /// The rooms on numbers that are out of use or banned; a batch.
    pub async fn rooms_to_move(&self, company: &CompanyId) -> Result<Vec<RoomView>, StoreError> {
        let rooms = &self.ports.rooms;
        let mut found = rooms.rooms(company, RoomsOf::NumbersOutOfUse, BATCH).await?;
        let Some(settings) = self.ports.companies.company(company).await? else {
            return Ok(found);
        };
        for account in settings.numbers_to_leave(self.ports.clock.now()) {
            found.extend(rooms.rooms(company, RoomsOf::Account(account), BATCH).await?);
        }
        Ok(found)
    }

    async fn tell_stuck(
        &self,
        company: &CompanyId,
        room: &ChatRoom,
        user: Option<UserId>,
        obstacle: Option<Obstacle>,
        text: &str,
    ) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        let mut draw = Draw::from_seed(self.ports.entropy.seed());
        let why = obstacle.map_or_else(String::new, |why| format!(" Why: {why}."));
        let audiences = user.map(Audience::User).into_iter().chain([Audience::Admins]);
        let notices = audiences.map(|audience| NewNotice {
            id: NoticeId::from_uuid(draw.uuid(now)),
            audience,
            kind: NoticeKind::RoomStuck,
            subject: format!("room {}", room.id),
            text: format!("{text}{why}"),
        });
        let notices = notices.collect();
        self.notices.tell(company, notices, now).await
    }

    /// Connects the clients of the waiting list for whom a number is free; a batch in each call. Gives how many.
    pub async fn serve_waiting_list(&self, company: &CompanyId) -> Result<usize, StoreError> {
        let after = self.looked_at().get(company).copied();
        let filter = ProspectFilter {
            waiting: true,
            waits_for: Some(WaitsFor::Number),
            after,
            ..ProspectFilter::default()
        };
        let waiting = self.ports.prospects.prospects(company, filter, BATCH).await?;
        let full = waiting.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
        match waiting.last().filter(|_| full) {
            Some(last) => self.looked_at().insert(company.clone(), last.id),
            None => self.looked_at().remove(company),
        };
        let mut found = 0;
        for prospect in waiting {
            let wish = Wish::Promote {
                prospect: prospect.id,
                by: Actor::Service,
            };
            if matches!(
                self.acts.act(company, &wish, &Origin::system()).await?,
                Acted::Done(_)
            ) {
                found += 1;
            }
        }
        Ok(found)
    }

    /// Ends the waits that took too long. Gives how many.
    pub async fn expire(&self, company: &CompanyId) -> Result<usize, StoreError> {
        let Some(settings) = self.ports.companies.company(company).await? else {
            return Ok(0);
        };
        let limits = &settings.settings.limits;
        let now = self.ports.clock.now();
        let spans = [
            (WaitsFor::Promotion, limits.prospects_expire_after),
            (WaitsFor::Number, Some(limits.waiting_expires_after)),
        ];
        let mut expired = 0;
        for (waits_for, span) in spans {
            let Some(span) = span else { continue };
            let filter = ProspectFilter {
                waiting: true,
                waits_for: Some(waits_for),
                created_before: Some(now - span),
                ..ProspectFilter::default()
            };
            for prospect in self.ports.prospects.prospects(company, filter, BATCH).await? {
                let wish = Wish::EndProspect {
                    prospect: prospect.id,
                    state: ProspectState::Expired,
                    by: Actor::Service,
                };
                if matches!(
                    self.acts.act(company, &wish, &Origin::system()).await?,
                    Acted::Done(_)
                ) {
                    expired += 1;
                }
            }
        }
        Ok(expired)
    }

    /// Ends the rooms whose clients did not use the link in time. Gives how many.
    pub async fn expire_links(&self, company: &CompanyId) -> Result<usize, StoreError> {
        let unused = RoomsOf::UnusedLinks(self.ports.clock.now());
        let mut expired = 0;
        for view in self.ports.rooms.rooms(company, unused, BATCH).await? {
            let wish = Wish::ExpireLink { room: view.room.id };
            if matches!(
                self.acts.act(company, &wish, &Origin::system()).await?,
                Acted::Done(_)
            ) {
                expired += 1;
            }
        }
        Ok(expired)
    }

    fn looked_at(&self) -> MutexGuard<'_, BTreeMap<CompanyId, ProspectId>> {
        self.looked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settled {
    fn done(room: ChatRoom, kind: ActKind, obstacle: Option<Obstacle>) -> Self {
        Self {
            room,
            done: Some(kind),
            obstacle,
        }
    }

    fn left(room: ChatRoom, obstacle: Option<Obstacle>) -> Self {
        Self {
            room,
            done: None,
            obstacle,
        }
    }
}
