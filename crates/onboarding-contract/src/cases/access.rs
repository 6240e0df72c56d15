//! Who may call: API tokens and sessions.

use std::time::Duration;

use onboarding_core::{
    Role, Timestamp, User,
    access::{ApiToken, ApiTokenId, SESSION_LASTS, SecretHash, Session, SignInMeans, TokenScope},
    audit::{
        Actor, AuditFilter, NewAuditEntry, Origin, sign_in_entry, sign_out_entry, token_created_entry,
        token_revoked_entry,
    },
    config::ConfigChange,
};

use crate::{
    bench::{Bench, HARD_TEXT},
    list::list_cases,
};

list_cases!(($) access => access_contract:
    the_session_of_a_user_who_left_tells_so,
    a_token_is_read_back_as_it_was_made,
    a_revoked_token_says_since_when,
    the_use_of_a_token_is_noted_and_time_never_goes_back,
    tokens_are_listed_newest_first_and_page_by_page,
    companies_have_their_own_tokens,
    a_session_is_read_back_with_its_user,
    the_use_of_a_session_is_noted,
    an_ended_session_is_gone,
    all_sessions_of_a_user_end_and_no_other,
    old_sessions_are_forgotten,
    a_company_cannot_end_the_session_of_another,
    what_opens_and_ends_access_is_in_the_audit_once,
);

fn hash(of: u8) -> SecretHash {
    SecretHash::from_bytes([of; 32])
}

fn dom() -> Origin {
    Origin::new(Actor::Person("dom".to_owned()), None)
}

fn out(bench: &Bench) -> NewAuditEntry {
    sign_out_entry(&dom(), "dom", bench.now())
}

/// The newest entries of the company, in order.
async fn told(bench: &Bench, count: usize) -> Vec<NewAuditEntry> {
    let filter = AuditFilter::default();
    let all = bench
        .store
        .audit_entries(&bench.company, &filter, 0, 999)
        .await
        .unwrap();
    let new = all.len().saturating_sub(count);
    all[new..].iter().map(|entry| entry.content.clone()).collect()
}

fn token(bench: &Bench, of: u8) -> ApiToken {
    ApiToken {
        id: bench.mint(ApiTokenId::from_uuid),
        company: bench.company.clone(),
        name: HARD_TEXT.to_owned(),
        hash: hash(of),
        scopes: vec![TokenScope::ConfigRead, TokenScope::MessagesRead],
        created_at: bench.now(),
        created_by: "user:dom".to_owned(),
        expires_at: bench.now() + Duration::from_hours(24),
        last_used_at: None,
        revoked_at: None,
    }
}

async fn made(bench: &Bench, of: u8) -> ApiToken {
    let token = token(bench, of);
    bench.store.create_token(token.clone(), &dom()).await.unwrap();
    token
}

async fn opened(bench: &Bench, user: &User, of: u8) -> Session {
    let session = Session {
        key: hash(of),
        company: bench.company.clone(),
        user: user.id,
        roles: vec![Role::User, Role::Admin],
        means: SignInMeans::Password,
        second_factor: true,
        signed_in_at: bench.now(),
        used_at: bench.now(),
    };
    let forget_before = bench.now() - SESSION_LASTS;
    bench
        .store
        .open_session(
            session.clone(),
            sign_in_entry(&dom(), "dom", &session),
            forget_before,
        )
        .await
        .unwrap();
    session
}

async fn session(bench: &Bench, of: u8) -> Option<Session> {
    let found = bench.store.session(hash(of)).await.unwrap();
    found.map(|(session, _)| session)
}

async fn the_session_of_a_user_who_left_tells_so(bench: &Bench) {
    let dom = bench.user("#dom123456").await;
    opened(bench, &dom, 1).await;
    let leaves = ConfigChange::DeactivateUser {
        username: "dom".to_owned(),
        successor: None,
    };
    bench.apply(vec![leaves]).await;
    let found = bench.store.session(hash(1)).await.unwrap();
    assert!(!found.expect("the caller judges").1.active);
}

async fn a_token_is_read_back_as_it_was_made(bench: &Bench) {
    let made = made(bench, 1).await;
    assert_eq!(bench.store.token(made.id).await.unwrap(), Some(made));
    let unknown = bench.mint(ApiTokenId::from_uuid);
    assert_eq!(bench.store.token(unknown).await.unwrap(), None);
}

async fn a_revoked_token_says_since_when(bench: &Bench) {
    let made = made(bench, 1).await;
    let revoked = ApiToken {
        revoked_at: Some(bench.after_seconds(1)),
        ..made.clone()
    };
    let revoke = async |at: Timestamp| {
        bench
            .store
            .revoke_token(&bench.company, made.id, &dom(), at)
            .await
            .unwrap()
    };
    assert_eq!(revoke(bench.now()).await, Some(revoked.clone()));
    assert_eq!(bench.store.token(made.id).await.unwrap(), Some(revoked.clone()));
    assert_eq!(
        revoke(bench.after_seconds(9)).await,
        Some(revoked),
        "the first time stays"
    );
}

async fn the_use_of_a_token_is_noted_and_time_never_goes_back(bench: &Bench) {
    let made = made(bench, 1).await;
    let earlier = bench.now();
    let used = async |at: Timestamp| {
        bench.store.token_used(&bench.company, made.id, at).await.unwrap();
        bench.store.token(made.id).await.unwrap().unwrap().last_used_at
    };
    let later = bench.after_seconds(5);
    assert_eq!(used(later).await, Some(later));
    assert_eq!(used(earlier).await, Some(later));
}

async fn tokens_are_listed_newest_first_and_page_by_page(bench: &Bench) {
    let mut all = Vec::new();
    for of in 1..=3 {
        all.insert(0, made(bench, of).await);
        bench.after_seconds(1);
    }
    let page = async |after: Option<ApiTokenId>, limit: u32| {
        bench.store.tokens(&bench.company, after, limit).await.unwrap()
    };
    assert_eq!(page(None, 9).await, all);
    assert_eq!(page(None, 2).await, all[..2]);
    assert_eq!(page(Some(all[1].id), 2).await, all[2..]);
    assert_eq!(page(Some(all[2].id), 2).await, []);
}

async fn companies_have_their_own_tokens(bench: &Bench) {
    let other = bench.with_another_company().await;
    let (ours, theirs) = (made(bench, 1).await, made(&other, 2).await);
    assert_eq!(
        bench.store.tokens(&bench.company, None, 9).await.unwrap(),
        std::slice::from_ref(&ours)
    );
    let now = bench.now();
    let revoked = bench
        .store
        .revoke_token(&bench.company, theirs.id, &dom(), now)
        .await
        .unwrap();
    assert_eq!(revoked, None);
    bench
        .store
        .token_used(&bench.company, theirs.id, now)
        .await
        .unwrap();
    assert_eq!(bench.store.token(theirs.id).await.unwrap(), Some(theirs));
    assert_eq!(bench.store.token(ours.id).await.unwrap(), Some(ours));
}

async fn a_session_is_read_back_with_its_user(bench: &Bench) {
    let dom = bench.user("#dom123456").await;
    let session = opened(bench, &dom, 1).await;
    assert_eq!(bench.store.session(hash(1)).await.unwrap(), Some((session, dom)));
    assert_eq!(bench.store.session(hash(2)).await.unwrap(), None);
}

async fn the_use_of_a_session_is_noted(bench: &Bench) {
    let dom = bench.user("#dom123456").await;
    let opened = opened(bench, &dom, 1).await;
    let later = bench.after_seconds(90);
    for at in [later, opened.used_at] {
        bench
            .store
            .session_used(&bench.company, hash(1), at)
            .await
            .unwrap();
        let noted = session(bench, 1).await.unwrap();
        assert_eq!((noted.used_at, noted.signed_in_at), (later, opened.signed_in_at));
    }
}

async fn an_ended_session_is_gone(bench: &Bench) {
    let dom = bench.user("#dom123456").await;
    opened(bench, &dom, 1).await;
    opened(bench, &dom, 2).await;
    bench
        .store
        .end_session(&bench.company, hash(1), out(bench))
        .await
        .unwrap();
    assert_eq!(session(bench, 1).await, None);
    assert!(session(bench, 2).await.is_some());
    bench
        .store
        .end_session(&bench.company, hash(1), out(bench))
        .await
        .unwrap();
}

async fn all_sessions_of_a_user_end_and_no_other(bench: &Bench) {
    let (dom, kate) = (bench.user("#dom123456").await, bench.user("#kate").await);
    opened(bench, &dom, 1).await;
    opened(bench, &kate, 2).await;
    opened(bench, &dom, 3).await;
    assert_eq!(
        bench
            .store
            .end_sessions_of(&bench.company, dom.id, out(bench))
            .await
            .unwrap(),
        2
    );
    assert_eq!(session(bench, 1).await, None);
    assert_eq!(session(bench, 3).await, None);
    assert!(session(bench, 2).await.is_some());
}

async fn old_sessions_are_forgotten(bench: &Bench) {
    let dom = bench.user("#dom123456").await;
    opened(bench, &dom, 1).await;
    bench.after_seconds(1);
    opened(bench, &dom, 2).await;
    assert!(session(bench, 1).await.is_some());
    bench.after_seconds(SESSION_LASTS.as_secs());
    opened(bench, &dom, 3).await;
    assert_eq!(session(bench, 1).await, None);
    assert!(session(bench, 2).await.is_some(), "exactly as old as it may be");
}

async fn a_company_cannot_end_the_session_of_another(bench: &Bench) {
    let other = bench.with_another_company().await;
    let theirs = other.user("#dom123456").await;
    let session = opened(&other, &theirs, 1).await;
    bench
        .store
        .end_session(&bench.company, hash(1), out(bench))
        .await
        .unwrap();
    assert_eq!(
        bench
            .store
            .end_sessions_of(&bench.company, theirs.id, out(bench))
            .await
            .unwrap(),
        0
    );
    let later = bench.after_seconds(90);
    bench
        .store
        .session_used(&bench.company, hash(1), later)
        .await
        .unwrap();
    assert_eq!(
        bench.store.session(hash(1)).await.unwrap(),
        Some((session, theirs))
    );
}

async fn what_opens_and_ends_access_is_in_the_audit_once(bench: &Bench) {
    let user = bench.user("#dom123456").await;
    let before = told(bench, 999).await.len();
    let token = made(bench, 1).await;
    let now = bench.after_seconds(1);
    for _ in 0..2 {
        bench
            .store
            .revoke_token(&bench.company, token.id, &dom(), now)
            .await
            .unwrap();
    }
    let unknown = bench.mint(ApiTokenId::from_uuid);
    bench
        .store
        .revoke_token(&bench.company, unknown, &dom(), now)
        .await
        .unwrap();
    let session = opened(bench, &user, 1).await;
    for _ in 0..2 {
        bench
            .store
            .end_session(&bench.company, hash(1), out(bench))
            .await
            .unwrap();
        bench
            .store
            .end_sessions_of(&bench.company, user.id, out(bench))
            .await
            .unwrap();
    }
    let expected = [
        token_created_entry(&dom(), &token),
        token_revoked_entry(&dom(), &token, now),
        sign_in_entry(&dom(), "dom", &session),
        out(bench),
    ];
    assert_eq!(told(bench, 4).await, expected);
    assert_eq!(told(bench, 999).await.len(), before + 4);
}
