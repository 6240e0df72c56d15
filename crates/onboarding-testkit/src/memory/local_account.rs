//! How people sign in who have no identity provider.

use async_trait::async_trait;
use onboarding_core::{
    CompanyId, Timestamp, User, UserId,
    access::{LocalAccount, SecretHash, SetUpLink, Tries},
    audit::NewAuditEntry,
    ports::{LocalAccounts, StoreError},
};

use super::{Answer, MemoryStore};

#[async_trait]
impl LocalAccounts for MemoryStore {
    async fn keep_link(&self, link: SetUpLink, told: NewAuditEntry, now: Timestamp) -> Answer<()> {
        let mut world = self.world();
        let (company, user) = (link.company.clone(), link.user);
        if world.user(&company, |one| one.id == user).is_none() {
            return Err(StoreError::new("keep the link", "no such user"));
        }
        world
            .set_up_links
            .retain(|one| one.company != company || (one.user != user && one.expires_at >= now));
        world.set_up_links.push(link);
        world.record(&company, [told]);
        Ok(())
    }

    async fn link(&self, key: SecretHash) -> Answer<Option<(SetUpLink, User)>> {
        let world = self.world();
        let link = world.set_up_links.iter().find(|link| link.key == key).cloned();
        Ok(link.and_then(|link| {
            let user = world.user(&link.company, |user| user.id == link.user)?;
            Some((link, user))
        }))
    }

    async fn set_up_account(
        &self,
        link: SecretHash,
        account: LocalAccount,
        told: NewAuditEntry,
    ) -> Answer<bool> {
        let mut world = self.world();
        let (company, user) = (account.company.clone(), account.user);
        let links = world.set_up_links.len();
        world
            .set_up_links
            .retain(|one| one.key != link || one.company != company || one.user != user);
        if world.set_up_links.len() == links {
            return Ok(false);
        }
        world.local_accounts.retain(|one| !is_of(one, &company, user));
        world.local_accounts.push(account);
        world
            .sessions
            .retain(|one| one.company != company || one.user != user);
        world.record(&company, [told]);
        Ok(true)
    }

    async fn local_account(&self, company: &CompanyId, user: UserId) -> Answer<Option<LocalAccount>> {
        let world = self.world();
        let mut accounts = world.local_accounts.iter();
        Ok(accounts.find(|one| is_of(one, company, user)).cloned())
    }

    async fn note_try(
        &self,
        company: &CompanyId,
        user: UserId,
        seen: Tries,
        now: Tries,
        told: Option<NewAuditEntry>,
    ) -> Answer<bool> {
        let mut world = self.world();
        let mut accounts = world.local_accounts.iter_mut();
        let account = accounts.find(|one| is_of(one, company, user) && one.tries == seen);
        let Some(account) = account else {
            return Ok(false);
        };
        account.tries = now;
        world.record(company, told);
        Ok(true)
    }
}

fn is_of(account: &LocalAccount, company: &CompanyId, user: UserId) -> bool {
    account.company == *company && account.user == user
}
