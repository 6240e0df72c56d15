//! What is remembered of clients.

use onboarding_core::{
    AliasKind, ClientAliases, ClientIdentityId, Decision, IdentityChange, Outcome, Timestamp, WaId,
};
use onboarding_testkit::{bsuid, phone};

use crate::{
    bench::{Bench, decision, ignored, known, new_identity},
    list::list_cases,
};

list_cases!(($) clients => clients_contract:
    a_client_nobody_knows_is_nobody,
    a_client_is_found_again_by_every_alias,
    a_phone_in_brazil_is_found_under_both_its_forms,
    a_phone_is_not_a_bsuid,
    the_first_key_decides_and_the_others_are_told,
    an_alias_learned_later_leads_to_the_same_client,
    what_is_known_of_a_client_is_replaced_by_what_is_known_now,
    the_same_phone_in_two_companies_is_two_clients,
    only_automatic_replies_to_this_client_since_then_count,
    only_wrong_extensions_of_this_client_since_then_count,
    the_window_starts_with_the_latest_message_on_each_account,
);

const HK: &str = "85291234567";

fn everything() -> ClientAliases {
    ClientAliases {
        wa_id: WaId::from_whatsapp(HK),
        bsuid: bsuid("HK.Abc123").bsuid,
        parent_bsuid: bsuid("HK.ENT.9").bsuid,
        username: Some("@dom_w".to_owned()),
        profile_name: Some("王小明 👩‍👩‍👧 עברית".to_owned()),
    }
}

async fn a_client_nobody_knows_is_nobody(bench: &Bench) {
    bench.client(phone("85290000000")).await;
    let facts = bench
        .store
        .identify(&bench.company, &everything().keys(), bench.now(), bench.now())
        .await;
    assert_eq!(facts.unwrap(), onboarding_core::ClientFacts::default());
    assert!(bench.identities(&[]).await.is_empty());
}

async fn a_client_is_found_again_by_every_alias(bench: &Bench) {
    let id = bench.client(everything()).await;
    assert_eq!(everything().keys().len(), 3);
    for key in everything().keys() {
        let facts = bench
            .store
            .identify(
                &bench.company,
                std::slice::from_ref(&key),
                bench.now(),
                bench.now(),
            )
            .await
            .unwrap();
        let known = facts.identity.expect("known by this key");
        assert_eq!((known.id, known.aliases), (id, everything()));
        assert_eq!((known.found_by, facts.others), (vec![key], Vec::new()));
    }
    assert_eq!(bench.identities(&everything().keys()).await, [id], "told once");
}

async fn a_phone_in_brazil_is_found_under_both_its_forms(bench: &Bench) {
    let id = bench.client(phone("5541987654321")).await;
    assert_eq!(bench.identities(&phone("554187654321").keys()).await, [id]);
    let facts = bench
        .store
        .identify(
            &bench.company,
            &phone("554187654321").keys(),
            bench.now(),
            bench.now(),
        )
        .await;
    let aliases = facts.unwrap().identity.unwrap().aliases;
    assert_eq!(
        aliases,
        phone("5541987654321"),
        "answered in the form that WhatsApp gave"
    );
}

async fn a_phone_is_not_a_bsuid(bench: &Bench) {
    bench.client(phone(HK)).await;
    assert!(
        bench
            .identities(&[(AliasKind::Bsuid, HK.to_owned())])
            .await
            .is_empty()
    );
    assert!(bench.identities(&bsuid("HK.abc123").keys()).await.is_empty());
    bench.client(bsuid("HK.Abc123")).await;
    assert!(
        bench.identities(&bsuid("HK.abc123").keys()).await.is_empty(),
        "the case belongs to it"
    );
}

async fn the_first_key_decides_and_the_others_are_told(bench: &Bench) {
    let by_phone = bench.client(phone(HK)).await;
    let by_bsuid = bench.client(bsuid("HK.Abc123")).await;
    let strongest_first = everything().keys();
    assert_eq!(bench.identities(&strongest_first).await, [by_bsuid, by_phone]);
    let mut other_way = strongest_first;
    other_way.reverse();
    assert_eq!(bench.identities(&other_way).await, [by_phone, by_bsuid]);
}

async fn an_alias_learned_later_leads_to_the_same_client(bench: &Bench) {
    let id = bench.client(phone(HK)).await;
    let aliases = ClientAliases {
        wa_id: phone(HK).wa_id,
        ..bsuid("HK.Abc123")
    };
    let change = IdentityChange {
        claims: bsuid("HK.Abc123").keys(),
        ..known(id, aliases.clone())
    };
    bench
        .decided(
            bench.account(0).await,
            Decision {
                identity: Some(change),
                ..ignored()
            },
        )
        .await;
    assert_eq!(bench.identities(&bsuid("HK.Abc123").keys()).await, [id]);
    assert_eq!(
        bench.identities(&phone(HK).keys()).await,
        [id],
        "the old alias stays"
    );
}

async fn what_is_known_of_a_client_is_replaced_by_what_is_known_now(bench: &Bench) {
    let id = bench.client(everything()).await;
    let newer = ClientAliases {
        wa_id: WaId::from_whatsapp("85291234567"),
        bsuid: None,
        parent_bsuid: None,
        username: None,
        profile_name: Some("New".to_owned()),
    };
    let change = Some(known(id, newer.clone()));
    bench
        .decided(
            bench.account(0).await,
            Decision {
                identity: change,
                ..ignored()
            },
        )
        .await;
    let facts = bench
        .store
        .identify(&bench.company, &phone(HK).keys(), bench.now(), bench.now())
        .await;
    assert_eq!(facts.unwrap().identity.unwrap().aliases, newer);
    assert_eq!(
        bench.identities(&bsuid("HK.Abc123").keys()).await,
        [id],
        "claims are never given up"
    );
}

async fn the_same_phone_in_two_companies_is_two_clients(bench: &Bench) {
    let other = bench.with_another_company().await;
    let ours = bench.client(phone(HK)).await;
    assert!(other.identities(&phone(HK).keys()).await.is_empty());
    let theirs = other.client(phone(HK)).await;
    assert_ne!(ours, theirs);
    assert_eq!(bench.identities(&phone(HK).keys()).await, [ours]);
    assert_eq!(other.identities(&phone(HK).keys()).await, [theirs]);
}

async fn only_automatic_replies_to_this_client_since_then_count(bench: &Bench) {
    let (client, another) = (
        bench.client(phone(HK)).await,
        bench.client(phone("85290000000")).await,
    );
    let account = bench.account(0).await;
    let reply = |to: ClientIdentityId, automatic: bool| onboarding_core::NewOutbound {
        automatic,
        ..bench.text_to(to, account)
    };
    bench.queues(vec![reply(client, true)]).await;
    bench.after_seconds(60);
    let since = bench.now();
    bench.after_seconds(60);
    bench
        .queues(vec![
            reply(client, true),
            reply(client, false),
            reply(another, true),
            reply(client, true),
        ])
        .await;
    let count = async |since: Timestamp| {
        let facts = bench
            .store
            .identify(&bench.company, &phone(HK).keys(), since, bench.now())
            .await;
        facts.unwrap().automatic_replies
    };
    assert_eq!((count(since).await, count(Timestamp::EPOCH).await), (2, 3));
    assert_eq!(count(bench.after_seconds(1)).await, 0);
}

async fn only_wrong_extensions_of_this_client_since_then_count(bench: &Bench) {
    let (client, another) = (
        bench.client(phone(HK)).await,
        bench.client(phone("85290000000")).await,
    );
    let user = bench.user("#lee").await.id;
    let decide = async |who: ClientIdentityId, wa_id: &str, outcome: Outcome| {
        let at = bench.after_seconds(60);
        let identity = Some(known(who, phone(wa_id)));
        bench
            .decided(
                bench.account(0).await,
                Decision {
                    identity,
                    ..decision(outcome)
                },
            )
            .await;
        at
    };
    decide(client, HK, Outcome::ExtensionNotFound).await;
    let since = bench.after_seconds(60);
    let first = decide(client, HK, Outcome::ExtensionNotFound).await;
    decide(client, HK, Outcome::NoExtension).await;
    decide(client, HK, Outcome::GuessingLocked).await;
    decide(client, HK, Outcome::NoSecondaryNumber { user }).await;
    decide(another, "85290000000", Outcome::ExtensionNotFound).await;
    let second = decide(client, HK, Outcome::OtherUnit { user }).await;
    let third = decide(client, HK, Outcome::ProfileHidden { user }).await;
    let facts = bench
        .store
        .identify(&bench.company, &phone(HK).keys(), bench.now(), since)
        .await
        .unwrap();
    let mut wrong = facts.wrong_extensions;
    wrong.sort_unstable();
    assert_eq!(wrong, [first, second, third]);
}

async fn the_window_starts_with_the_latest_message_on_each_account(bench: &Bench) {
    let client = bench.mint(ClientIdentityId::from_uuid);
    let [here, there] = [bench.account(0).await, bench.account(1).await];
    let wrote_at = async |account| {
        bench
            .store
            .client_last_wrote_at(&bench.company, account, client)
            .await
            .unwrap()
    };
    let first = bench.now();
    let decision = Decision {
        identity: Some(new_identity(client, phone(HK))),
        ..ignored()
    };
    bench.decided(here, decision).await;
    let again = Decision {
        identity: Some(known(client, phone(HK))),
        ..ignored()
    };
    let second = bench.after_seconds(60);
    bench.decided(here, again.clone()).await;
    assert_eq!(
        (wrote_at(here).await, wrote_at(there).await),
        (Some(second), None)
    );
    // A message that was under way for long.
    let item = bench.arrived(here).await;
    let mut late = bench.deciding(&item, again.clone()).await;
    late.request.message.sent_at = first;
    assert_eq!(
        bench.commits(late).await,
        onboarding_core::ports::CommitOutcome::Committed
    );
    assert_eq!(wrote_at(here).await, Some(second));
    let third = bench.after_seconds(60);
    bench.decided(there, again).await;
    assert_eq!(
        (wrote_at(here).await, wrote_at(there).await),
        (Some(second), Some(third))
    );
    // What nobody is remembered for opens no window.
    bench.after_seconds(60);
    bench.decided(here, ignored()).await;
    assert_eq!(wrote_at(here).await, Some(second));
}
