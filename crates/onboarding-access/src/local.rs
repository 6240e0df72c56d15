//! Local accounts: how people sign in whose company has no identity provider.

use std::{net::IpAddr, sync::Arc, time::Duration};

use onboarding_core::{
    CompanyId, Draw, Role, Timestamp, User,
    access::{LocalAccount, SetUpLink, TotpSecret, Tries, WeakPassword, judge_password},
    audit::{Actor, Origin, account_set_up_entry, link_made_entry, sign_in_refused_entry},
    ports::{Clock, Entropy, LocalAccounts, OnboardingStore, StoreError},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    ShownOnce, code,
    password::Passwords,
    secret::{as_text, hash_of, hash_shown},
};

/// How often a try is counted again when others try at the same time.
const ROUNDS: usize = 3;

/// Signs people in with a password and, where they have one, a one-time code; and sets both up.
pub struct LocalSignIn {
    accounts: Arc<dyn LocalAccounts>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    passwords: Passwords,
}

/// What somebody shows to sign in.
pub struct Shown<'a> {
    /// The password.
    pub password: &'a SecretString,
    /// The one-time code; empty for who has none.
    pub code: &'a str,
    /// Where they are.
    pub address: Option<IpAddr>,
}

/// Somebody who proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The user.
    pub user: User,
    /// Whether a one-time code was shown.
    pub second_factor: bool,
}

/// A link that still holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenLink {
    /// The link.
    pub link: SetUpLink,
    /// Whose account it sets up.
    pub user: User,
    /// The second factor that it would set up.
    pub totp: TotpSecret,
}

impl OpenLink {
    /// Whether the account is not set up without a second factor: administrators act with one only.
    pub fn needs_code(&self) -> bool {
        self.user.roles.contains(&Role::Admin)
    }

    /// The key of the second factor as people type it.
    pub fn key(&self) -> String {
        code::as_key(self.totp)
    }

    /// What authenticators read from a QR code, under the name of the company.
    pub fn address(&self, company_name: &str) -> Option<String> {
        code::address(self.totp, company_name, &self.user.username)
    }
}

/// Why an account was not set up.
#[derive(Debug, thiserror::Error)]
pub enum NotSetUp {
    /// The link was used, has ended, or another took its place.
    #[error("the link does not hold any more; ask for a new one")]
    LinkGone,
    /// The password cannot be one.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// Administrators need a code of their authenticator, and this is none.
    #[error("the one-time code is wrong; scan the code with an authenticator and type what it shows")]
    WrongCode,
    /// The password could not be hashed.
    #[error("the password cannot be kept now; try again")]
    Hashing,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl LocalSignIn {
    /// On this store.
    pub fn on_store(
        store: &Arc<dyn OnboardingStore>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            accounts: store.clone(),
            clock,
            entropy,
            passwords: Passwords::new(),
        }
    }

    /// Makes a link with which this user sets up how they sign in; earlier ones open nothing any more.
    pub async fn make_link(
        &self,
        company: &CompanyId,
        user: &User,
        lasts: Duration,
        by: &Origin,
    ) -> Result<ShownOnce<SetUpLink>, StoreError> {
        let now = self.clock.now();
        let secret = as_text(Draw::from_seed(self.entropy.seed()).secret());
        let link = SetUpLink {
            key: hash_of(&[secret.expose_secret().as_bytes()]),
            company: company.clone(),
            user: user.id,
            expires_at: now + lasts,
        };
        let told = link_made_entry(by, &user.username, link.expires_at, now);
        self.accounts.keep_link(link.clone(), told, now).await?;
        Ok(ShownOnce { of: link, secret })
    }

    /// What this link opens, if it still holds and its user is active.
    pub async fn open_link(&self, text: &str) -> Result<Option<OpenLink>, StoreError> {
        let Some(key) = hash_shown(text) else {
            return Ok(None);
        };
        let found = self.accounts.link(key).await?;
        let now = self.clock.now();
        let open = found.filter(|(link, user)| link.holds(now) && user.active);
        Ok(open.map(|(link, user)| OpenLink {
            link,
            user,
            totp: second_factor_of(text),
        }))
    }

    /// Uses the link up: from now on its user signs in with this password and, if they showed a code, with codes of the
    /// second factor that the link's page showed.
    pub async fn set_up(
        &self,
        link_text: &str,
        password: &SecretString,
        code: &str,
        address: Option<IpAddr>,
    ) -> Result<(CompanyId, Proven), NotSetUp> {
        let open = self.open_link(link_text).await?.ok_or(NotSetUp::LinkGone)?;
        judge_password(password.expose_secret(), &open.user.username)?;
        let now = self.clock.now();
        let code_step = code::step_of(code, open.totp, now);
        if code_step.is_none() && (open.needs_code() || !code.trim().is_empty()) {
            return Err(NotSetUp::WrongCode);
        }
        let mut salt = [0; 16];
        salt.copy_from_slice(&Draw::from_seed(self.entropy.seed()).secret()[..16]);
        let hash = self
            .passwords
            .hash(password, salt)
            .await
            .ok_or(NotSetUp::Hashing)?;
        let account = LocalAccount {
            company: open.link.company.clone(),
            user: open.user.id,
            password: hash,
            totp: code_step.map(|_| open.totp),
            tries: Tries::default().passed(code_step),
        };
        let by = Origin::new(Actor::Person(open.user.username.clone()), address);
        let told = account_set_up_entry(&by, &open.user.username, code_step.is_some(), now);
        if !self.accounts.set_up_account(open.link.key, account, told).await? {
            return Err(NotSetUp::LinkGone);
        }
        let proven = Proven {
            user: open.user,
            second_factor: code_step.is_some(),
        };
        Ok((open.link.company, proven))
    }

    /// Whether it is this user who shows these; `None` does not say what was wrong, nor whether there is such a user.
    pub async fn sign_in(
        &self,
        company: &CompanyId,
        user: Option<User>,
        shown: &Shown<'_>,
    ) -> Result<Option<Proven>, StoreError> {
        let user = user.filter(|user| user.active);
        let counted = match &user {
            Some(user) => self.count_try(company, user).await?,
            None => None,
        };
        let (Some(user), Some(account)) = (user, counted) else {
            self.passwords.check(shown.password, None).await;
            return Ok(None);
        };
        let right = self
            .passwords
            .check(shown.password, Some(account.password.clone()))
            .await;
        let counted = account.tries;
        let passed = right.then(|| self.passed(&account, shown.code)).flatten();
        let Some(passed) = passed else {
            let by = Origin::new(Actor::Person(user.username.clone()), shown.address);
            let told = sign_in_refused_entry(&by, &user.username, self.clock.now());
            let noted = self
                .accounts
                .note_try(company, user.id, counted, counted, Some(told));
            noted.await?;
            return Ok(None);
        };
        // Somebody else tried in between, perhaps with the same code: then it is not good any more.
        let first = self
            .accounts
            .note_try(company, user.id, counted, passed, None)
            .await?;
        Ok(first.then_some(Proven {
            user,
            second_factor: account.totp.is_some(),
        }))
    }

    /// The account with this try counted as wrong, unless there is none or it has to wait.
    async fn count_try(&self, company: &CompanyId, user: &User) -> Result<Option<LocalAccount>, StoreError> {
        for _ in 0..ROUNDS {
            let now: Timestamp = self.clock.now();
            let account = self.accounts.local_account(company, user.id).await?;
            let Some(account) = account.filter(|account| !account.tries.must_wait(now)) else {
                return Ok(None);
            };
            let tries = account.tries.failed(now);
            let noted = self
                .accounts
                .note_try(company, user.id, account.tries, tries, None);
            if noted.await? {
                return Ok(Some(LocalAccount { tries, ..account }));
            }
        }
        Ok(None)
    }

    /// What is noted of a try with the right password, unless the account has a second factor and the code is not good
    /// or was used.
    fn passed(&self, account: &LocalAccount, code: &str) -> Option<Tries> {
        let Some(secret) = account.totp else {
            return Some(account.tries.passed(None));
        };
        let step = code::step_of(code, secret, self.clock.now())?;
        (step > account.tries.code_step).then(|| account.tries.passed(Some(step)))
    }
}

/// Follows from the link's secret, so that the page that shows it and the form that proves it agree without anything
/// kept in between.
fn second_factor_of(link_text: &str) -> TotpSecret {
    let hash = hash_of(&[b"second factor", link_text.as_bytes()]);
    let mut secret = [0; 20];
    secret.copy_from_slice(&hash.as_bytes()[..20]);
    TotpSecret::from_bytes(secret)
}
