//! Passwords and second factors of people, and the links that set them up.

use std::time::Duration;

use onboarding_core::{
    Timestamp, User,
    access::{
        LocalAccount, PasswordHash, SESSION_LASTS, SecretHash, Session, SetUpLink, SignInMeans, TotpSecret,
        Tries,
    },
    audit::{
        Actor, AuditFilter, NewAuditEntry, Origin, account_set_up_entry, link_made_entry, sign_in_entry,
        sign_in_refused_entry,
    },
};

use crate::{
    bench::{Bench, HARD_TEXT},
    list::list_cases,
};

list_cases!(($) local_accounts => local_accounts_contract:
    a_link_is_read_back_with_its_user,
    a_newer_link_takes_the_place_of_the_older,
    old_links_are_forgotten,
    a_link_sets_an_account_up_once,
    setting_up_again_replaces_everything_and_ends_the_sessions,
    a_link_of_somebody_else_sets_nothing_up,
    a_try_is_noted_unless_another_came_first,
    companies_have_their_own_accounts,
    links_accounts_and_refusals_are_in_the_audit,
);

fn hash(of: u8) -> SecretHash {
    SecretHash::from_bytes([of; 32])
}

fn dom() -> Origin {
    Origin::new(Actor::Person("dom".to_owned()), None)
}

fn link(bench: &Bench, user: &User, of: u8) -> SetUpLink {
    SetUpLink {
        key: hash(of),
        company: bench.company.clone(),
        user: user.id,
        expires_at: bench.now() + Duration::from_mins(15),
    }
}

async fn kept(bench: &Bench, user: &User, of: u8) -> SetUpLink {
    let link = link(bench, user, of);
    let told = link_made_entry(&dom(), &user.username, link.expires_at, bench.now());
    let now = bench.now();
    bench.store.keep_link(link.clone(), told, now).await.unwrap();
    link
}

fn account(bench: &Bench, user: &User) -> LocalAccount {
    LocalAccount {
        company: bench.company.clone(),
        user: user.id,
        password: PasswordHash::from_text(HARD_TEXT),
        totp: Some(TotpSecret::from_bytes([9; 20])),
        tries: Tries::default(),
    }
}

async fn sets_up(bench: &Bench, of: u8, account: LocalAccount) -> bool {
    let told = account_set_up_entry(&dom(), "dom", account.totp.is_some(), bench.now());
    bench.store.set_up_account(hash(of), account, told).await.unwrap()
}

async fn stored(bench: &Bench, user: &User) -> Option<LocalAccount> {
    bench.store.local_account(&bench.company, user.id).await.unwrap()
}

async fn a_link_is_read_back_with_its_user(bench: &Bench) {
    let dom = bench.user("#dom123456").await;
    let link = kept(bench, &dom, 1).await;
    assert_eq!(bench.store.link(hash(1)).await.unwrap(), Some((link, dom)));
    assert_eq!(bench.store.link(hash(2)).await.unwrap(), None);
}

async fn a_newer_link_takes_the_place_of_the_older(bench: &Bench) {
    let dom = bench.user("#dom123456").await;
    kept(bench, &dom, 1).await;
    kept(bench, &dom, 2).await;
    assert_eq!(bench.store.link(hash(1)).await.unwrap(), None);
    assert!(bench.store.link(hash(2)).await.unwrap().is_some());
}

async fn old_links_are_forgotten(bench: &Bench) {
    let (dom, kate) = (bench.user("#dom123456").await, bench.user("#kate").await);
    kept(bench, &dom, 1).await;
    bench.after_seconds(15 * 60);
    assert!(
        bench.store.link(hash(1)).await.unwrap().is_some(),
        "the caller judges"
    );
    bench.after_seconds(1);
    kept(bench, &kate, 2).await;
    assert_eq!(bench.store.link(hash(1)).await.unwrap(), None);
}

async fn a_link_sets_an_account_up_once(bench: &Bench) {
    let dom = bench.user("#dom123456").await;
    assert_eq!(stored(bench, &dom).await, None);
    kept(bench, &dom, 1).await;
    let account = account(bench, &dom);
    assert!(sets_up(bench, 1, account.clone()).await);
    assert_eq!(stored(bench, &dom).await, Some(account.clone()));
    assert!(
        !sets_up(
            bench,
            1,
            LocalAccount {
                totp: None,
                ..account.clone()
            }
        )
        .await
    );
    assert_eq!(stored(bench, &dom).await, Some(account));
}

async fn setting_up_again_replaces_everything_and_ends_the_sessions(bench: &Bench) {
    let dom = bench.user("#dom123456").await;
    kept(bench, &dom, 1).await;
    let tried = Tries::default().failed(bench.now());
    assert!(
        sets_up(
            bench,
            1,
            LocalAccount {
                tries: tried,
                ..account(bench, &dom)
            }
        )
        .await
    );
    let session = Session {
        key: hash(7),
        company: bench.company.clone(),
        user: dom.id,
        roles: dom.roles.clone(),
        means: SignInMeans::Password,
        second_factor: true,
        signed_in_at: bench.now(),
        used_at: bench.now(),
    };
    let told = sign_in_entry(&self::dom(), "dom", &session);
    let forget_before = bench.now() - SESSION_LASTS;
    bench
        .store
        .open_session(session, told, forget_before)
        .await
        .unwrap();
    kept(bench, &dom, 2).await;
    let again = LocalAccount {
        password: PasswordHash::from_text("another"),
        totp: None,
        ..account(bench, &dom)
    };
    assert!(sets_up(bench, 2, again.clone()).await);
    assert_eq!(stored(bench, &dom).await, Some(again));
    assert_eq!(bench.store.session(hash(7)).await.unwrap(), None);
}

async fn a_link_of_somebody_else_sets_nothing_up(bench: &Bench) {
    let (dom, kate) = (bench.user("#dom123456").await, bench.user("#kate").await);
    kept(bench, &kate, 1).await;
    assert!(!sets_up(bench, 1, account(bench, &dom)).await);
    assert_eq!(stored(bench, &dom).await, None);
    assert!(
        bench.store.link(hash(1)).await.unwrap().is_some(),
        "it stays for its owner"
    );
}

async fn a_try_is_noted_unless_another_came_first(bench: &Bench) {
    let dom = bench.user("#dom123456").await;
    kept(bench, &dom, 1).await;
    assert!(sets_up(bench, 1, account(bench, &dom)).await);
    let note = async |seen: Tries, now: Tries| {
        let told = Some(sign_in_refused_entry(&self::dom(), "dom", bench.now()));
        let noted = bench
            .store
            .note_try(&bench.company, dom.id, seen, now, told)
            .await;
        noted.unwrap()
    };
    let (fresh, one) = (Tries::default(), Tries::default().failed(bench.now()));
    let two = one.failed(bench.after_seconds(1));
    assert!(note(fresh, one).await);
    assert!(!note(fresh, one).await);
    assert!(note(one, two).await);
    assert!(!note(one, two).await);
    let right = two.passed(Some(u64::from(u32::MAX) + 7));
    assert!(note(two, right).await);
    assert_eq!(stored(bench, &dom).await.unwrap().tries, right);
    assert!(!note(two, fresh).await);
}

async fn companies_have_their_own_accounts(bench: &Bench) {
    let other = bench.with_another_company().await;
    let (ours, theirs) = (bench.user("#dom123456").await, other.user("#dom123456").await);
    kept(bench, &ours, 1).await;
    kept(&other, &theirs, 2).await;
    assert!(sets_up(bench, 1, account(bench, &ours)).await);
    assert!(!sets_up(bench, 2, account(bench, &ours)).await);
    assert_eq!(stored(&other, &theirs).await, None);
    let crossed = bench.store.local_account(&other.company, ours.id).await.unwrap();
    assert_eq!(crossed, None);
    let seen = Tries::default();
    let noted = bench
        .store
        .note_try(&other.company, ours.id, seen, seen, None)
        .await;
    assert!(!noted.unwrap());
}

async fn links_accounts_and_refusals_are_in_the_audit(bench: &Bench) {
    let dom = bench.user("#dom123456").await;
    let before = told(bench).await.len();
    kept(bench, &dom, 1).await;
    let now: Timestamp = bench.now();
    assert!(sets_up(bench, 1, account(bench, &dom)).await);
    assert!(!sets_up(bench, 1, account(bench, &dom)).await);
    let (seen, refused) = (Tries::default(), sign_in_refused_entry(&self::dom(), "dom", now));
    let noted = bench
        .store
        .note_try(
            &bench.company,
            dom.id,
            seen,
            seen.failed(now),
            Some(refused.clone()),
        )
        .await;
    assert!(noted.unwrap());
    let all = told(bench).await;
    let expires_at = now + Duration::from_mins(15);
    assert_eq!(
        all[before..],
        [
            link_made_entry(&self::dom(), "dom", expires_at, now),
            account_set_up_entry(&self::dom(), "dom", true, now),
            refused,
        ]
    );
}

async fn told(bench: &Bench) -> Vec<NewAuditEntry> {
    let filter = AuditFilter::default();
    let all = bench.store.audit_entries(&bench.company, &filter, 0, 999).await;
    all.unwrap().into_iter().map(|entry| entry.content).collect()
}
