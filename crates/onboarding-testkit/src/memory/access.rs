//! Who may call: tokens, sessions, and kept answers.

use async_trait::async_trait;
use onboarding_core::{
    CompanyId, Timestamp, User, UserId,
    access::{ApiToken, ApiTokenId, SecretHash, Session},
    audit::{NewAuditEntry, Origin, token_created_entry, token_revoked_entry},
    ports::{ApiTokens, IdempotencyKeys, KeptAnswer, KeyReservation, ReserveOutcome, Sessions, StoreError},
};

use super::{
    Answer, MemoryStore,
    world::{KeyRow, World},
};

impl World {
    pub(super) fn user(&self, company: &CompanyId, mut is_it: impl FnMut(&User) -> bool) -> Option<User> {
        let mut users = self.company(company)?.users.iter();
        users.find(|user| is_it(user)).cloned()
    }
}

#[async_trait]
impl ApiTokens for MemoryStore {
    async fn create_token(&self, token: ApiToken, by: &Origin) -> Answer<()> {
        let mut world = self.world();
        if world.company(&token.company).is_none() {
            return Err(StoreError::new("create the token", "no such company"));
        }
        world.record(&token.company, [token_created_entry(by, &token)]);
        world.tokens.push(token);
        Ok(())
    }

    async fn token(&self, id: ApiTokenId) -> Answer<Option<ApiToken>> {
        Ok(self.world().tokens.iter().find(|token| token.id == id).cloned())
    }

    async fn tokens(
        &self,
        company: &CompanyId,
        after: Option<ApiTokenId>,
        limit: u32,
    ) -> Answer<Vec<ApiToken>> {
        let world = self.world();
        let of_company = world.tokens.iter().filter(|token| token.company == *company);
        let mut tokens: Vec<_> = of_company.cloned().collect();
        tokens.sort_by_key(|token| std::cmp::Reverse(token.id));
        tokens.retain(|token| after.is_none_or(|after| token.id < after));
        tokens.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(tokens)
    }

    async fn revoke_token(
        &self,
        company: &CompanyId,
        id: ApiTokenId,
        by: &Origin,
        now: Timestamp,
    ) -> Answer<Option<ApiToken>> {
        let mut world = self.world();
        let Some(token) = token_mut(&mut world, company, id) else {
            return Ok(None);
        };
        let news = token.revoked_at.is_none();
        token.revoked_at.get_or_insert(now);
        let token = token.clone();
        if news {
            world.record(company, [token_revoked_entry(by, &token, now)]);
        }
        Ok(Some(token))
    }

    async fn token_used(&self, company: &CompanyId, id: ApiTokenId, now: Timestamp) -> Answer<()> {
        if let Some(token) = token_mut(&mut self.world(), company, id) {
            token.last_used_at = token.last_used_at.max(Some(now));
        }
        Ok(())
    }
}

fn token_mut<'a>(world: &'a mut World, company: &CompanyId, id: ApiTokenId) -> Option<&'a mut ApiToken> {
    let mut tokens = world.tokens.iter_mut();
    tokens.find(|token| token.id == id && token.company == *company)
}

#[async_trait]
impl Sessions for MemoryStore {
    async fn open_session(
        &self,
        session: Session,
        told: NewAuditEntry,
        forget_before: Timestamp,
    ) -> Answer<()> {
        let mut world = self.world();
        let (company, user) = (session.company.clone(), session.user);
        if world.user(&company, |one| one.id == user).is_none() {
            return Err(StoreError::new("open the session", "no such user"));
        }
        let forgotten = |one: &Session| one.company == company && one.signed_in_at < forget_before;
        world.sessions.retain(|one| !forgotten(one));
        world.sessions.push(session);
        world.record(&company, [told]);
        Ok(())
    }

    async fn session(&self, key: SecretHash) -> Answer<Option<(Session, User)>> {
        let world = self.world();
        let session = world.sessions.iter().find(|session| session.key == key).cloned();
        Ok(session.and_then(|session| {
            let user = world.user(&session.company, |user| user.id == session.user)?;
            Some((session, user))
        }))
    }

    async fn session_used(&self, company: &CompanyId, key: SecretHash, now: Timestamp) -> Answer<()> {
        let mut world = self.world();
        let mut sessions = world.sessions.iter_mut();
        if let Some(session) = sessions.find(|one| one.key == key && one.company == *company) {
            session.used_at = session.used_at.max(now);
        }
        Ok(())
    }

    async fn end_session(&self, company: &CompanyId, key: SecretHash, told: NewAuditEntry) -> Answer<()> {
        self.world().end_sessions(company, told, |one| one.key == key);
        Ok(())
    }

    async fn end_sessions_of(&self, company: &CompanyId, user: UserId, told: NewAuditEntry) -> Answer<u64> {
        Ok(self.world().end_sessions(company, told, |one| one.user == user))
    }
}

impl World {
    fn end_sessions(
        &mut self,
        company: &CompanyId,
        told: NewAuditEntry,
        is_it: impl Fn(&Session) -> bool,
    ) -> u64 {
        let before = self.sessions.len();
        self.sessions.retain(|one| one.company != *company || !is_it(one));
        let ended = before - self.sessions.len();
        if ended > 0 {
            self.record(company, [told]);
        }
        u64::try_from(ended).unwrap_or(u64::MAX)
    }
}

#[async_trait]
impl IdempotencyKeys for MemoryStore {
    async fn reserve_key(&self, reservation: KeyReservation) -> Answer<ReserveOutcome> {
        let mut world = self.world();
        let now = reservation.now;
        world.keys.retain(|_, row| row.reservation.expires_at > now);
        let place = place_of(&reservation);
        let outcome = match world.keys.get(&place) {
            None => None,
            Some(row) if row.sealed.is_none() && row.reservation.busy_until <= now => None,
            Some(row) if row.reservation.fingerprint != reservation.fingerprint => {
                Some(ReserveOutcome::OtherRequest)
            }
            Some(row) => Some(match &row.sealed {
                None => ReserveOutcome::Busy,
                Some(sealed) => ReserveOutcome::Answered(KeptAnswer {
                    id: row.reservation.id,
                    sealed: sealed.clone(),
                }),
            }),
        };
        Ok(outcome.unwrap_or_else(|| {
            let sealed = None;
            world.keys.insert(place, KeyRow { reservation, sealed });
            ReserveOutcome::Reserved
        }))
    }

    async fn keep_answer(&self, reservation: &KeyReservation, answer: KeptAnswer) -> Answer<()> {
        let mut world = self.world();
        if let Some(row) = world.keys.get_mut(&place_of(reservation))
            && row.reservation.id == answer.id
        {
            row.sealed = Some(answer.sealed);
        }
        Ok(())
    }

    async fn release_key(&self, reservation: &KeyReservation) -> Answer<()> {
        let mut world = self.world();
        let place = place_of(reservation);
        if world
            .keys
            .get(&place)
            .is_some_and(|row| row.reservation.id == reservation.id)
        {
            world.keys.remove(&place);
        }
        Ok(())
    }
}

fn place_of(reservation: &KeyReservation) -> (CompanyId, String, SecretHash) {
    (
        reservation.company.clone(),
        reservation.caller.clone(),
        reservation.key,
    )
}
