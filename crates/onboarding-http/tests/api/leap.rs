//! Leap Work: what users see of themselves and of their clients, over HTTP.

use std::time::Duration;

use actix_web::{body::MessageBody, http::StatusCode, test, web};
use onboarding_core::{
    ChatRoom, Extension,
    access::TokenScope,
    audit::Origin,
    config::{CompanyConfig, ConfigChange},
    ports::{Clock, ProspectFilter, RoomsOf},
};
use onboarding_http::{api, pages::Live};
use onboarding_testkit::{PRIMARY, TestService, acme_id};

use crate::bench::{Answer, Bench, Browser, ORIGIN, all_endpoints, companies, request, ways, with_token};

const JANE: &str = "447700900123";

fn acme_with(change: impl FnOnce(&mut CompanyConfig)) -> CompanyConfig {
    let [(_, mut config), _] = companies();
    change(&mut config);
    config
}

/// The flow on the store of the bench.
async fn service(bench: &Bench, config: CompanyConfig) -> TestService {
    TestService::on(bench.api.store.clone(), config).await
}

async fn jane_writes(service: &TestService, words: &str) {
    service.client(JANE).sends(PRIMARY, words).await;
    service.pump().await;
}

async fn rooms(bench: &Bench) -> Vec<ChatRoom> {
    let views = bench.api.store.rooms(&acme_id(), RoomsOf::Anybody, 9).await;
    views.unwrap().into_iter().map(|view| view.room).collect()
}

async fn sees(bench: &Bench, browser: &Browser, path: &str) -> Answer {
    bench.browses(browser, request("GET", path)).await
}

async fn sends_form(bench: &Bench, browser: &Browser, path: &str) -> Answer {
    let form = request("POST", path)
        .insert_header(("Cookie", browser.cookie.as_str()))
        .insert_header(("Origin", ORIGIN))
        .insert_header(("Content-Type", "application/x-www-form-urlencoded"))
        .set_payload(format!("form_token={}", browser.csrf));
    bench.sends(form).await
}

/// Dom's configuration is changed as an admin would.
async fn gives_dom(bench: &Bench, extension: Option<&str>) {
    let store = &bench.api.store;
    let (config, revision) = store.config(&acme_id()).await.unwrap().unwrap();
    let mut dom = config
        .users
        .into_iter()
        .find(|user| user.username == "dom")
        .unwrap();
    dom.extension = extension.map(|text| Extension::parse(text).unwrap());
    let new_id = store.user_named(&acme_id(), "dom").await.unwrap().unwrap().id;
    let change = ConfigChange::PutUser { new_id, user: dom };
    applies(bench, change, revision).await;
}

async fn applies(bench: &Bench, change: ConfigChange, revision: u64) {
    let by = Origin::operator("tests");
    let (company, now) = (acme_id(), bench.clock.now());
    let applied = bench
        .api
        .store
        .apply(&company, Some(revision), vec![change], &by, now);
    applied.await.unwrap();
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text
        .split_once(from)
        .unwrap_or_else(|| panic!("no {from} in {text}"))
        .1;
    rest.split_once(to).unwrap().0
}

#[actix_web::test]
async fn the_profile_shows_the_extension_and_the_code_that_the_link_is_in() {
    let bench = Bench::new().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let page = sees(&bench, &dom, "/app/profile").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(page.text.contains("#dom123456") && page.text.contains(PRIMARY));
    assert!(page.text.contains("https://wa.me/85256428035?text=%23dom123456"));
    let image = between(&page.text, "<div class=\"qr\"><img src=\"", "\"");
    let picture = sees(&bench, &dom, image).await;
    assert_eq!(picture.header("content-type"), "image/svg+xml");
    assert!(picture.text.starts_with("<svg"), "{}", picture.text);
}

#[actix_web::test]
async fn a_picture_is_answered_once_until_what_is_on_it_changes() {
    let bench = Bench::new().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let first = sees(&bench, &dom, "/app/qr.svg").await;
    let tag = first.header("etag").to_owned();
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let again = async |tag: &str| {
        let asked = request("GET", "/app/qr.svg").insert_header(("If-None-Match", tag));
        bench.browses(&dom, asked).await
    };
    let kept = again(&tag).await;
    assert_eq!((kept.status, kept.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    gives_dom(&bench, Some("#dom999")).await;
    let fresh = again(&tag).await;
    assert_eq!(fresh.status, 200);
    assert_ne!(fresh.header("etag"), tag);
    gives_dom(&bench, None).await;
    let none = again(&tag).await;
    assert_eq!((none.status.as_u16(), none.kind()), (409, "no-code"));
}

#[actix_web::test]
async fn a_width_that_would_not_scan_is_refused_with_the_mend() {
    let bench = Bench::new().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    for (path, words) in [
        ("/app/qr.png?size=128", "choose"),
        ("/app/qr.png?size=9", "128"),
        ("/app/qr-card.png?theme=pink", "write light or dark"),
        ("/app/qr.png?colour=red", "colour"),
    ] {
        let answer = sees(&bench, &dom, path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.kind()),
            (400, "invalid-parameter"),
            "{path}"
        );
        assert!(answer.text.contains(words), "{path}: {}", answer.text);
    }
}

#[actix_web::test]
async fn without_an_extension_there_is_no_icon_and_without_a_pool_the_account_is_in_trouble() {
    let bench = Bench::new().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    gives_dom(&bench, None).await;
    let page = sees(&bench, &dom, "/app/profile").await.text;
    assert!(page.contains("Your company admin can give you one.") && !page.contains("data-opens=\"qr\""));
    gives_dom(&bench, Some("#dom123456")).await;
    let (config, revision) = bench.api.store.config(&acme_id()).await.unwrap().unwrap();
    let pool = config.pools[0].id.clone();
    applies(&bench, ConfigChange::RemovePool(pool), revision).await;
    let page = sees(&bench, &dom, "/app/code").await.text;
    assert!(page.contains("There has been an issue with the WhatsApp Business Account configuration."));
    assert!(page.contains("aria-disabled=\"true\"") && !page.contains("wa.me"));
}

#[actix_web::test]
async fn a_colleagues_code_is_for_those_who_see_the_configuration() {
    let bench = Bench::new().await;
    let status = async |username: &str, user: &str| {
        let browser = bench.signs_in(&acme_id(), username).await;
        let mut seen = Vec::new();
        for file in ["qr.svg", "contact.vcf", "signature.html"] {
            let path = format!("/api/v1/users/{user}/{file}");
            seen.push(sees(&bench, &browser, &path).await.status.as_u16());
        }
        seen
    };
    assert_eq!(status("dom", "dom").await, [200; 3]);
    assert_eq!(status("kate", "dom").await, [404; 3], "a colleague");
    assert_eq!(status("michael", "dom").await, [200; 3], "an admin");
    assert_eq!(status("michael", "nobody").await, [404; 3], "nobody's");
}

#[actix_web::test]
async fn contact_and_signature_carry_the_link_and_are_answered_once() {
    let bench = Bench::new().await;
    let token = bench.token(&acme_id(), &[TokenScope::ConfigRead]).await;
    let asks = async |file: &str, tag: &str| {
        let path = format!("/api/v1/users/dom/{file}");
        let asked = with_token("GET", &path, &token).insert_header(("If-None-Match", tag));
        bench.sends(asked).await
    };
    for (file, mime, begins) in [
        ("contact.vcf", "text/vcard; charset=utf-8", "BEGIN:VCARD\r\n"),
        ("signature.html", "text/html; charset=utf-8", "<table"),
    ] {
        let first = asks(file, "\"none\"").await;
        assert_eq!((first.status.as_u16(), first.header("content-type")), (200, mime));
        assert!(first.text.starts_with(begins), "{}", first.text);
        // The lines of a vCard are folded.
        let text = first.text.replace("\r\n ", "");
        assert!(
            text.contains("https://wa.me/85256428035?text=%23dom123456"),
            "{text}"
        );
        let kept = asks(file, first.header("etag")).await;
        assert_eq!((kept.status.as_u16(), kept.text.as_str()), (304, ""), "{file}");
    }
    let signature = asks("signature.html", "\"none\"").await;
    let disposition = signature.header("content-disposition");
    assert!(
        disposition.starts_with("attachment"),
        "never shown as a page of ours: {disposition}"
    );
    gives_dom(&bench, None).await;
    for file in ["contact.vcf", "signature.html"] {
        let none = asks(file, "\"none\"").await;
        assert_eq!((none.status.as_u16(), none.kind()), (409, "no-code"), "{file}");
    }
}

#[actix_web::test]
async fn a_chat_tells_what_was_said_and_the_audit_tells_who_read_it() {
    let bench = Bench::new().await;
    let service = service(&bench, acme_with(|_| ())).await;
    jane_writes(&service, "#dom123456").await;
    let room = rooms(&bench).await.remove(0);
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let list = sees(&bench, &dom, "/app/chats").await;
    assert!(list.text.contains("+447700900123") && list.text.contains(&format!("/app/chats/{}", room.id)));
    let before = bench.audit(&acme_id()).await.len();
    let chat = sees(&bench, &dom, &format!("/app/chats/{}", room.id)).await;
    assert_eq!(chat.status, 200, "{}", chat.text);
    assert!(
        chat.text.contains("class=\"bubble ours\"") && chat.text.contains("tick sent"),
        "{}",
        chat.text
    );
    let told = bench.audit(&acme_id()).await.split_off(before);
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].action.as_str(), told[0].subject_id.as_str()),
        ("read", room.id.to_string().as_str())
    );
}

#[actix_web::test]
async fn a_room_of_somebody_else_is_not_there() {
    let bench = Bench::new().await;
    let service = service(&bench, acme_with(|_| ())).await;
    jane_writes(&service, "#dom123456").await;
    let room = rooms(&bench).await.remove(0);
    let kate = bench.signs_in(&acme_id(), "kate").await;
    let chat = format!("/app/chats/{}", room.id);
    let before = bench.audit(&acme_id()).await.len();
    for answer in [
        sees(&bench, &kate, &chat).await,
        sees(&bench, &kate, &format!("{chat}/closing")).await,
        sends_form(&bench, &kate, &format!("{chat}/closing")).await,
    ] {
        assert_eq!(answer.status, 404, "{}", answer.text);
    }
    assert!(rooms(&bench).await[0].state.is_live());
    assert_eq!(bench.audit(&acme_id()).await.len(), before, "nothing was read");
    assert!(
        !sees(&bench, &kate, "/app/chats")
            .await
            .text
            .contains(&room.id.to_string())
    );
}

#[actix_web::test]
async fn a_user_closes_their_room_and_the_page_says_so() {
    let bench = Bench::new().await;
    let service = service(&bench, acme_with(|_| ())).await;
    jane_writes(&service, "#dom123456").await;
    let room = rooms(&bench).await.remove(0);
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let closing = format!("/app/chats/{}/closing", room.id);
    assert!(
        sees(&bench, &dom, &closing)
            .await
            .text
            .contains("This cannot be undone.")
    );
    let answer = sends_form(&bench, &dom, &closing).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, &closing[..closing.len() - 8])
    );
    let page = sees(&bench, &dom, answer.header("location")).await.text;
    assert!(page.contains("Closed") && !page.contains("data-opens=\"closing\""));
    let again = sends_form(&bench, &dom, &closing).await;
    assert_eq!((again.status.as_u16(), again.kind()), (409, "prevented"));
}

#[actix_web::test]
async fn a_prospect_is_promoted_or_rejected_by_whom_it_waits_for() {
    let bench = Bench::new().await;
    let service = service(
        &bench,
        acme_with(|acme| acme.settings.features.auto_promotion = false),
    )
    .await;
    jane_writes(&service, "#dom123456").await;
    jane_writes(&service, "#kate").await;
    let all = bench
        .api
        .store
        .prospects(&acme_id(), ProspectFilter::default(), 9)
        .await
        .unwrap();
    let written = |words: &str| all.iter().find(|prospect| prospect.text == words).unwrap().id;
    let (for_dom, for_kate) = (written("#dom123456"), written("#kate"));
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let page = sees(&bench, &dom, "/app/chats").await.text;
    assert!(page.contains(&for_dom.to_string()) && page.contains("#dom123456"));
    assert!(!page.contains(&for_kate.to_string()));
    let theirs = sends_form(&bench, &dom, &format!("/app/prospects/{for_kate}/promotion")).await;
    assert_eq!(theirs.status, 404);
    let answer = sends_form(&bench, &dom, &format!("/app/prospects/{for_dom}/promotion")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/app/chats"),
        "{}",
        answer.text
    );
    assert_eq!(rooms(&bench).await.len(), 1);
    let kate = bench.signs_in(&acme_id(), "kate").await;
    let answer = sends_form(&bench, &kate, &format!("/app/prospects/{for_kate}/rejection")).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert_eq!(rooms(&bench).await.len(), 1);
    assert!(
        !sees(&bench, &kate, "/app/chats")
            .await
            .text
            .contains(&for_kate.to_string())
    );
}

/// What a stream says until it said `changed`, or is over.
async fn hears(bench: &Bench, browser: &Browser, path: &str, meanwhile: impl Future<Output = ()>) -> String {
    let endpoints = all_endpoints();
    let app = actix_web::App::new()
        .app_data(web::Data::new(ways()))
        .app_data(web::Data::new(Live::default()))
        .configure(|app| api::configure(app, bench.api.clone(), &endpoints));
    let app = test::init_service(app).await;
    let asked = request("GET", path).insert_header(("Cookie", browser.cookie.as_str()));
    let response = test::call_service(&app, asked.to_request()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers().get("content-type").unwrap(),
        "text/event-stream"
    );
    meanwhile.await;
    let mut body = Box::pin(response.into_body());
    let mut heard = String::new();
    let listen = async {
        while let Some(part) = std::future::poll_fn(|context| body.as_mut().poll_next(context)).await {
            heard.push_str(std::str::from_utf8(&part.unwrap()).unwrap());
            if heard.contains("changed") {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), listen)
        .await
        .expect("the stream says something");
    heard
}

#[actix_web::test]
async fn a_page_hears_that_its_extension_is_another() {
    let bench = Bench::new().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let page = sees(&bench, &dom, "/app/profile").await.text;
    let events = between(&page, "data-events=\"", "\"").replace("&#38;", "&");
    let heard = hears(&bench, &dom, &events, gives_dom(&bench, Some("#dom999"))).await;
    assert!(heard.contains("event: changed"), "{heard}");
    let page = sees(&bench, &dom, "/app/profile").await.text;
    assert!(page.contains("#dom999") && !page.contains("#dom123456"));
}

#[actix_web::test]
async fn a_page_hears_of_a_room_and_of_what_is_said_there() {
    let bench = Bench::new().await;
    let service = service(&bench, acme_with(|_| ())).await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let events_of = async |path: &str| {
        let page = sees(&bench, &dom, path).await.text;
        between(&page, "data-events=\"", "\"").replace("&#38;", "&")
    };
    let events = events_of("/app/chats").await;
    let heard = hears(&bench, &dom, &events, jane_writes(&service, "#dom123456")).await;
    assert!(heard.contains("event: changed"), "{heard}");
    let room = rooms(&bench).await.remove(0);
    let company = bench.api.store.company(&acme_id()).await.unwrap().unwrap();
    let number = company.account(room.account).unwrap().phone_number.to_string();
    let events = events_of(&format!("/app/chats/{}", room.id)).await;
    let answers = async {
        service.client(JANE).sends(&number, "Hello Dom").await;
        service.pump().await;
    };
    let heard = hears(&bench, &dom, &events, answers).await;
    assert!(
        heard.contains("event: changed") && !heard.contains("Hello"),
        "{heard}"
    );
    assert!(
        sees(&bench, &dom, &format!("/app/chats/{}", room.id))
            .await
            .text
            .contains("Hello Dom")
    );
}

#[actix_web::test]
async fn a_stream_ends_with_its_session() {
    let bench = Bench::new().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let page = sees(&bench, &dom, "/app/profile").await.text;
    let events = between(&page, "data-events=\"", "\"").replace("&#38;", "&");
    let leaves = async {
        sends_form(&bench, &dom, "/sign-out").await;
    };
    let heard = hears(&bench, &dom, &events, leaves).await;
    assert_eq!(heard, "retry: 2000\n\n");
}

#[actix_web::test]
async fn people_are_refused_with_a_page_in_their_language() {
    let bench = Bench::new().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let asked = request("GET", "/app/chats/00000000-0000-7000-8000-000000000000")
        .insert_header(("Accept", "text/html"))
        .insert_header(("Accept-Language", "ar"));
    let page = bench.browses(&dom, asked).await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(
        page.text.contains("<html lang=\"ar\" dir=\"rtl\""),
        "{}",
        page.text
    );
}

#[actix_web::test]
async fn a_language_that_was_chosen_is_kept() {
    let bench = Bench::new().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let page = sees(&bench, &dom, "/app/profile?lang=zh-HK").await;
    assert!(page.text.contains("<html lang=\"zh-HK\""));
    let chosen = page.header("set-cookie").split(';').next().unwrap().to_owned();
    let asked = request("GET", "/app/profile").insert_header(("Cookie", format!("{}; {chosen}", dom.cookie)));
    assert!(bench.sends(asked).await.text.contains("<html lang=\"zh-HK\""));
}

#[actix_web::test]
async fn the_manifest_names_icons_that_are_there() {
    let bench = Bench::new().await;
    let manifest = bench.sends(request("GET", "/app/manifest.webmanifest")).await;
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    let icons = manifest.json["icons"].as_array().unwrap();
    assert!(
        icons
            .iter()
            .any(|icon| icon["sizes"] == "512x512" && icon["purpose"] == "maskable")
    );
    for icon in icons {
        let path = icon["src"].as_str().unwrap().strip_prefix("/assets/").unwrap();
        let asset = onboarding_pages::assets::find(path).unwrap();
        assert_eq!(asset.content_type, icon["type"]);
    }
}
