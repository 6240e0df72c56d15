//! A store with a company in it, and short words for what cases do to it.

mod decisions;
mod queues;

use std::{sync::Arc, time::Duration};

use onboarding_core::{
    Company, CompanyId, Draw, Extension, OfficialAccountId, Timestamp, User,
    audit::Origin,
    config::{CompanyConfig, ConfigChange},
    ports::{ApplyOutcome, Clock, Entropy, OnboardingStore},
};
use onboarding_testkit::{ManualClock, SeededEntropy, acme, acme_id, all_changes, create, number};

pub(crate) use decisions::{act, closing, decision, ignored, known, new_identity, room_with};
pub(crate) use queues::{LEASE_SECONDS, UNKNOWN_SECONDS, payloads, refusal};

/// Where the primary stands among the accounts of a case, smallest number first.
pub(crate) const PRIMARY_PLACE: usize = 3;

/// Everything that text can be, without NUL, which no database takes.
pub(crate) const HARD_TEXT: &str =
    "«é» e\u{301} 王 👩🏽‍💻 \u{202e}عربى\u{202c} \u{200b}'; DROP TABLE rooms; -- \"%_\\\t";

/// A store with the company [`acme`], a clock and chance.
pub(crate) struct Bench {
    pub(crate) store: Arc<dyn OnboardingStore>,
    /// The company that the short words are about.
    pub(crate) company: CompanyId,
    pub(crate) clock: ManualClock,
    entropy: SeededEntropy,
}

impl Bench {
    pub(crate) async fn on(store: Arc<dyn OnboardingStore>) -> Self {
        let entropy = SeededEntropy::new(7);
        create(store.as_ref(), &acme_id(), &acme(), &mut entropy.draw()).await;
        Self {
            store,
            company: acme_id(),
            clock: ManualClock::default(),
            entropy,
        }
    }

    /// A second company of the same shape on the same store, with numbers of its own.
    pub(crate) async fn with_another_company(&self) -> Self {
        let company = CompanyId::parse("initech").unwrap();
        create(self.store.as_ref(), &company, &initech(), &mut self.draw()).await;
        Self {
            store: self.store.clone(),
            company,
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass and tells the new time.
    pub(crate) fn after_seconds(&self, seconds: u64) -> Timestamp {
        self.clock.advance(Duration::from_secs(seconds))
    }

    pub(crate) fn draw(&self) -> Draw {
        Draw::from_seed(self.entropy.seed())
    }

    /// A fresh id, to be wrapped in its type.
    pub(crate) fn mint<T>(&self, wrap: fn(uuid::Uuid) -> T) -> T {
        wrap(self.draw().uuid(self.now()))
    }

    pub(crate) async fn company(&self) -> Arc<Company> {
        self.store
            .company(&self.company)
            .await
            .unwrap()
            .expect("the company is there")
    }

    pub(crate) async fn config(&self) -> (CompanyConfig, u64) {
        let (config, revision) = self
            .store
            .config(&self.company)
            .await
            .unwrap()
            .expect("the company is there");
        (sorted(config), revision)
    }

    /// Makes the changes on the present revision.
    pub(crate) async fn apply(&self, changes: Vec<ConfigChange>) -> ApplyOutcome {
        let (_, revision) = self.config().await;
        self.store
            .apply(
                &self.company,
                Some(revision),
                changes,
                &Origin::system(),
                self.now(),
            )
            .await
            .unwrap()
    }

    /// The changes that lead to the wished configuration, of which nothing is taken away.
    pub(crate) fn changes_to(&self, wished: &CompanyConfig) -> Vec<ConfigChange> {
        all_changes(wished, &mut self.draw())
    }

    /// The company's account with the number that stands at this place among all, smallest first.
    pub(crate) async fn account(&self, place: usize) -> OfficialAccountId {
        let mut accounts = self.company().await.accounts.clone();
        accounts.sort_by(|a, b| a.phone_number.cmp(&b.phone_number));
        accounts[place].id
    }

    /// The account with this number.
    pub(crate) async fn account_with(&self, phone_number: &str) -> OfficialAccountId {
        let company = self.company().await;
        let account = company
            .accounts
            .iter()
            .find(|one| one.phone_number == number(phone_number));
        account.expect("the company has the number").id
    }

    /// The user with this extension.
    pub(crate) async fn user(&self, extension: &str) -> User {
        let users = self.users_with(&[extension]).await;
        users.into_iter().next().expect("somebody has the extension")
    }

    pub(crate) async fn users_with(&self, extensions: &[&str]) -> Vec<User> {
        let keys: Vec<_> = extensions
            .iter()
            .map(|text| Extension::parse(text).unwrap().key().clone())
            .collect();
        self.store.users_with(&self.company, &keys).await.unwrap()
    }
}

/// The same shape as [`acme`]; every number differs, the usernames and extensions do not.
pub(crate) fn initech() -> CompanyConfig {
    let mut config = acme();
    "Initech".clone_into(&mut config.settings.name);
    let renumber = |text: &str| number(&text.replace("+8525", "+8526"));
    for account in &mut config.official_accounts {
        account.phone_number = renumber(account.phone_number.as_str());
        account.phone_number_id = format!("id-{}", account.phone_number.digits());
        "waba-initech".clone_into(&mut account.waba_id);
    }
    for pool in &mut config.pools {
        pool.primary = renumber(pool.primary.as_str());
        for secondary in &mut pool.secondaries {
            *secondary = renumber(secondary.as_str());
        }
    }
    config
}

/// With every list whose order means nothing in the order of its keys.
pub(crate) fn sorted(mut config: CompanyConfig) -> CompanyConfig {
    config.org_units.sort_by(|a, b| a.id.cmp(&b.id));
    config.external_companies.sort_by(|a, b| a.id.cmp(&b.id));
    config.users.sort_by(|a, b| a.username.cmp(&b.username));
    config.client_profiles.sort_by(|a, b| a.key.cmp(&b.key));
    config
        .official_accounts
        .sort_by(|a, b| a.phone_number.cmp(&b.phone_number));
    config.pools.sort_by(|a, b| a.id.cmp(&b.id));
    for user in &mut config.users {
        user.external_companies.sort();
        user.roles.sort();
    }
    for profile in &mut config.client_profiles {
        profile.assigned_to.sort();
    }
    for pool in &mut config.pools {
        pool.org_units.sort();
        pool.secondaries.sort();
        pool.draining.sort();
    }
    config
}
