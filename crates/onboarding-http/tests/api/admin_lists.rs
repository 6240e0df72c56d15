//! Lists of the Organization Admin: each leads through everything, and finds what is far back.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use onboarding_core::{
    ImportId,
    access::{TokenScope, TokenWish},
    audit::Origin,
    import::{CellMistake, Column, NewImport, RefusedRow},
    ports::{Clock as _, OnboardingStore},
};
use onboarding_testkit::{MemoryStore, PRIMARY, SeededEntropy, TestService, acme_id, refused};

use crate::{
    bench::{Bench, Browser, companies, request},
    world::{no_limits, seeded},
};

async fn page(bench: &Bench, browser: &Browser, path: &str) -> String {
    let answer = bench.browses(browser, request("GET", path)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.text
}

/// The address of the next page.
fn next(page: &str) -> Option<String> {
    let before = page
        .split(">Next page</a>")
        .next()
        .filter(|before| before.len() < page.len())?;
    let address = before.rsplit("href=\"").next()?.split('"').next()?;
    Some(address.replace("&#38;", "&"))
}

/// What stands between, in each place of the page.
fn all_between<'a>(page: &'a str, beginning: &str, end: &str) -> Vec<&'a str> {
    let found = page.split(beginning).skip(1);
    found.filter_map(|rest| rest.split(end).next()).collect()
}

/// Everything that the list shows, on all its pages.
async fn read_whole(
    (bench, browser): (&Bench, &Browser),
    path: &str,
    (beginning, end): (&str, &str),
) -> Vec<String> {
    let (mut seen, mut place) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = place {
        let shown = page(bench, browser, &path).await;
        seen.extend(all_between(&shown, beginning, end).into_iter().map(str::to_owned));
        place = next(&shown);
    }
    seen
}

/// One client who was connected, then 230 who wrote no extension and whose answers were given up.
async fn long_lived() -> Bench {
    let [(_, ours), _] = companies();
    let store: Arc<dyn OnboardingStore> = Arc::new(MemoryStore::new());
    let service = TestService::on(store.clone(), ours).await;
    service
        .client("85291234567")
        .sends(PRIMARY, "Hi, #dom123456")
        .await;
    service.pump().await;
    for client in 0..230 {
        service.messenger.next(Err(refused(131_026)));
        service
            .client(&format!("852600{client:05}"))
            .sends(PRIMARY, "hello")
            .await;
        if client % 40 == 39 {
            service.pump().await;
            // So many a second are sent.
            service.clock.advance(Duration::from_mins(1));
        }
    }
    service.pump().await;
    Bench::on(store, service.clock.clone(), SeededEntropy::new(8), no_limits()).await
}

#[actix_web::test]
async fn activity_leads_through_everything_and_what_is_far_back_is_found_and_told() {
    let bench = long_lived().await;
    let browser = bench.signs_in(&acme_id(), "lee").await;
    let links = ("href=\"/admin/onboardings/", "\"");
    let seen = read_whole((&bench, &browser), "/admin/onboardings", links).await;
    assert_eq!(seen.len(), 231);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 231, "none twice");
    for path in ["/admin/onboardings?q=dom", "/admin/onboardings?outcome=onboarded"] {
        let found = read_whole((&bench, &browser), path, links).await;
        assert_eq!(found, [seen.last().unwrap().clone()], "{path}");
    }
    let story = page(
        &bench,
        &browser,
        &format!("/admin/onboardings/{}", seen.last().unwrap()),
    )
    .await;
    assert!(story.contains("Whom the client asked for"), "{story}");
}

#[actix_web::test]
async fn dead_letters_lead_through_everything_and_the_oldest_can_be_tried_again() {
    let bench = long_lived().await;
    let browser = bench.signs_in(&acme_id(), "michael").await;
    let links = ("href=\"/admin/dead-letters/", "/replay\"");
    let seen = read_whole((&bench, &browser), "/admin/dead-letters", links).await;
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 230);
    let oldest = seen.last().unwrap();
    let found = read_whole(
        (&bench, &browser),
        &format!("/admin/dead-letters?q={oldest}"),
        links,
    )
    .await;
    assert_eq!(found, std::slice::from_ref(oldest));
    let asked = page(&bench, &browser, &format!("/admin/dead-letters/{oldest}/replay")).await;
    assert!(asked.contains("This cannot be undone."), "{asked}");
    let none = page(&bench, &browser, "/admin/dead-letters?state=inbound").await;
    assert!(none.contains("Nothing here"), "{none}");
}

#[actix_web::test]
async fn tokens_lead_through_everything_and_the_first_is_found() {
    let bench = Bench::with(no_limits()).await;
    let by = Origin::operator("tests");
    for count in 0..230 {
        let now = bench.clock.now();
        let name = format!("service {count:03}");
        let wish = TokenWish::new(
            &name,
            vec![TokenScope::RoomsRead],
            now + Duration::from_hours(24),
            now,
        );
        bench
            .api
            .access
            .create_token(&acme_id(), wish.unwrap(), &by)
            .await
            .unwrap();
    }
    let browser = bench.signs_in(&acme_id(), "michael").await;
    let names = ("<bdi>service ", "<");
    let seen = read_whole((&bench, &browser), "/admin/tokens", names).await;
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 230);
    let found = read_whole(
        (&bench, &browser),
        "/admin/tokens?q=service+000&state=holds",
        names,
    )
    .await;
    assert_eq!(found, ["000"]);
    let revoked = read_whole((&bench, &browser), "/admin/tokens?state=revoked", names).await;
    assert!(revoked.is_empty());
}

#[actix_web::test]
async fn users_are_found_by_their_role_and_notices_and_settings_by_their_words() {
    let bench = seeded().await;
    let browser = bench.signs_in(&acme_id(), "michael").await;
    let links = ("href=\"/admin/users/", "\"");
    let found = read_whole((&bench, &browser), "/admin/users?role=auditor", links).await;
    assert_eq!(found, ["lee"]);
    let none = read_whole((&bench, &browser), "/admin/users?role=auditor&q=kate", links).await;
    assert!(none.is_empty());
    let notices = page(&bench, &browser, "/admin/notices").await;
    assert!(
        notices.contains("name=\"q\"") && notices.contains("<time"),
        "{notices}"
    );
    let found = page(&bench, &browser, "/admin/notices?q=unicorn").await;
    assert!(found.contains("Nothing here"), "{found}");
    let settings = page(&bench, &browser, "/admin/company?q=guess").await;
    assert!(settings.contains("Nothing here"), "{settings}");
    let settings = page(&bench, &browser, "/admin/company?q=country").await;
    assert!(
        settings.contains("Country") && !settings.contains("Automatic replies"),
        "{settings}"
    );
}

#[actix_web::test]
async fn imports_are_found_by_state_and_their_refused_rows_by_user_and_reason() {
    let bench = Bench::with(no_limits()).await;
    let refused = (1..=120).map(|line| RefusedRow {
        line,
        username: format!("user{line:03}"),
        mistakes: vec![CellMistake {
            column: Some(Column::Extension),
            message: format!("taken by {line:03}"),
        }],
    });
    let id = ImportId::from_uuid(bench.draw().uuid(bench.clock.now()));
    let import = NewImport {
        id,
        may_give_roles: false,
        batches: Vec::new(),
        refused: refused.collect(),
    };
    let (by, now) = (Origin::operator("tests"), bench.clock.now());
    assert!(
        bench
            .api
            .store
            .begin_import(&acme_id(), import, &by, now)
            .await
            .unwrap()
    );
    let browser = bench.signs_in(&acme_id(), "michael").await;
    let links = ("<a href=\"/admin/import/", "\"");
    for (path, count) in [
        ("/admin/import", 1),
        ("/admin/import?state=running&q=TESTS", 1),
        ("/admin/import?state=stopped", 0),
        ("/admin/import?q=somebody", 0),
    ] {
        let found = read_whole((&bench, &browser), path, links).await;
        assert_eq!(found.len(), count, "{path}");
    }
    let rows = (">user", "<");
    let report = format!("/admin/import/{id}");
    assert_eq!(read_whole((&bench, &browser), &report, rows).await.len(), 120);
    let found = read_whole((&bench, &browser), &format!("{report}?q=by+117"), rows).await;
    assert_eq!(found, ["117"]);
}
