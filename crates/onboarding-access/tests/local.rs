//! Local accounts on a store in memory.

#![expect(clippy::unwrap_used, reason = "an unwrap that panics is a test that fails")]

use std::{sync::Arc, time::Duration};

use onboarding_access::local::{LocalSignIn, NotSetUp, Proven, Shown};
use onboarding_core::{
    Draw, Role, User,
    access::{LINK_LASTS, WeakPassword},
    audit::{AuditFilter, Origin},
    ports::{Clock as _, Entropy as _, OnboardingStore},
};
use onboarding_testkit::{ManualClock, MemoryStore, SeededEntropy, acme, acme_id, create};
use secrecy::{ExposeSecret as _, SecretString};
use totp_rs::{Builder, Secret};

const PASSWORD: &str = "plum harbour tilts";

struct Bench {
    store: Arc<dyn OnboardingStore>,
    clock: ManualClock,
    local: LocalSignIn,
}

impl Bench {
    async fn new() -> Self {
        let (clock, entropy) = (ManualClock::default(), SeededEntropy::new(5));
        let store: Arc<dyn OnboardingStore> = Arc::new(MemoryStore::new());
        let mut config = acme();
        for user in &mut config.users {
            if user.username == "michael" {
                user.roles = vec![Role::Admin];
            }
        }
        create(
            store.as_ref(),
            &acme_id(),
            &config,
            &mut Draw::from_seed(entropy.seed()),
        )
        .await;
        let local = LocalSignIn::on_store(&store, Arc::new(clock.clone()), Arc::new(entropy));
        Self { store, clock, local }
    }

    async fn user(&self, username: &str) -> User {
        self.store
            .user_named(&acme_id(), username)
            .await
            .unwrap()
            .unwrap()
    }

    async fn link(&self, username: &str) -> String {
        let user = self.user(username).await;
        let by = Origin::operator("tests");
        let link = self.local.make_link(&acme_id(), &user, LINK_LASTS, &by).await;
        link.unwrap().secret.expose_secret().to_owned()
    }

    async fn sets_up(&self, link: &str, password: &str, code: &str) -> Result<Proven, NotSetUp> {
        let password = SecretString::from(password);
        let done = self.local.set_up(link, &password, code, None).await;
        done.map(|(_, proven)| proven)
    }

    async fn signs_in(&self, username: &str, password: &str, code: &str) -> Option<Proven> {
        let user = self.store.user_named(&acme_id(), username).await.unwrap();
        let password = SecretString::from(password);
        let shown = Shown {
            password: &password,
            code,
            address: None,
        };
        self.local.sign_in(&acme_id(), user, &shown).await.unwrap()
    }

    /// What an authenticator that read the key of this link's page shows now.
    async fn authenticator(&self, link: &str) -> impl Fn() -> String + use<> {
        let key = self
            .local
            .open_link(link)
            .await
            .unwrap()
            .unwrap()
            .key()
            .replace(' ', "");
        let clock = self.clock.clone();
        move || {
            let secret = Secret::try_from_base32(&key).unwrap();
            let totp = Builder::new().with_secret(secret).build().unwrap();
            totp.generate(clock.now().as_unix_millis() / 1000).to_string()
        }
    }
}

#[tokio::test]
async fn a_user_sets_up_a_password_and_signs_in_with_it() {
    let bench = Bench::new().await;
    assert_eq!(bench.signs_in("dom", PASSWORD, "").await, None);
    let link = bench.link("dom").await;
    assert!(!bench.sets_up(&link, PASSWORD, "").await.unwrap().second_factor);
    let proven = bench.signs_in("dom", PASSWORD, "").await.unwrap();
    assert_eq!(
        (proven.user.username.as_str(), proven.second_factor),
        ("dom", false)
    );
    assert_eq!(bench.signs_in("dom", "plum harbour tilt", "").await, None);
    assert_eq!(bench.signs_in("kate", PASSWORD, "").await, None);
    assert_eq!(bench.signs_in("nobody", PASSWORD, "").await, None);
}

#[tokio::test]
async fn an_administrator_needs_a_code_and_each_code_is_good_once() {
    let bench = Bench::new().await;
    let link = bench.link("michael").await;
    let code = bench.authenticator(&link).await;
    for wrong in ["", "000000"] {
        let refused = bench.sets_up(&link, PASSWORD, wrong).await;
        assert!(matches!(refused, Err(NotSetUp::WrongCode)), "{refused:?}");
    }
    assert!(
        bench
            .sets_up(&link, PASSWORD, &code())
            .await
            .unwrap()
            .second_factor
    );
    assert_eq!(
        bench.signs_in("michael", PASSWORD, &code()).await,
        None,
        "it was used to set up"
    );
    assert_eq!(bench.signs_in("michael", PASSWORD, "").await, None);
    bench.clock.advance(Duration::from_mins(1));
    assert!(
        bench
            .signs_in("michael", PASSWORD, &code())
            .await
            .unwrap()
            .second_factor
    );
    assert_eq!(
        bench.signs_in("michael", PASSWORD, &code()).await,
        None,
        "a second time"
    );
}

#[tokio::test]
async fn a_link_is_good_once_until_it_ends_and_for_active_users() {
    let bench = Bench::new().await;
    let (first, link) = (bench.link("dom").await, bench.link("dom").await);
    let gone = async |link: &str| matches!(bench.sets_up(link, PASSWORD, "").await, Err(NotSetUp::LinkGone));
    assert!(gone(&first).await, "a newer one took its place");
    assert!(gone("").await && gone(&"0".repeat(64)).await);
    let weak = bench.sets_up(&link, "too short", "").await;
    assert!(
        matches!(weak, Err(NotSetUp::Weak(WeakPassword::TooShort))),
        "{weak:?}"
    );
    assert!(bench.sets_up(&link, PASSWORD, "").await.is_ok());
    assert!(gone(&link).await);
    let late = bench.link("dom").await;
    bench.clock.advance(LINK_LASTS);
    assert!(gone(&late).await);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_owner_gets_in_again() {
    let bench = Bench::new().await;
    let link = bench.link("dom").await;
    bench.sets_up(&link, PASSWORD, "").await.unwrap();
    for _ in 0..5 {
        assert_eq!(bench.signs_in("dom", "a wrong password", "").await, None);
    }
    assert_eq!(bench.signs_in("dom", PASSWORD, "").await, None, "it has to wait");
    bench.clock.advance(Duration::from_secs(30));
    assert!(bench.signs_in("dom", PASSWORD, "").await.is_some());
    for _ in 0..4 {
        assert_eq!(bench.signs_in("dom", "a wrong password", "").await, None);
    }
    assert!(
        bench.signs_in("dom", PASSWORD, "").await.is_some(),
        "the count began anew"
    );
    let filter = AuditFilter::default();
    let told = bench
        .store
        .audit_entries(&acme_id(), &filter, 0, 999)
        .await
        .unwrap();
    let refused = told.iter().filter(|entry| entry.content.action == "deny").count();
    assert_eq!(refused, 9);
    let shown = format!("{told:?}");
    assert!(!shown.contains("plum") && !shown.contains("argon2"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_at_the_same_time_are_all_counted() {
    let bench = Arc::new(Bench::new().await);
    let link = bench.link("dom").await;
    bench.sets_up(&link, PASSWORD, "").await.unwrap();
    let tries = (0..16).map(|_| {
        let bench = bench.clone();
        tokio::spawn(async move { bench.signs_in("dom", "a wrong password", "").await })
    });
    for one in tries.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap(), None);
    }
    let dom = bench.user("dom").await;
    let account = bench
        .store
        .local_account(&acme_id(), dom.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(account.tries.failures, 5, "from the fifth on they wait");
}
