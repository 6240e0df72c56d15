//! The print sheet: whose badges are on it, and what is told where there is none.

use std::{collections::BTreeSet, fs, process::Command, sync::Arc};

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf,
    render, vello_cpu::color::palette::css::WHITE,
};
use onboarding_core::{
    QrText,
    access::TokenScope,
    config::{CompanyConfig, UserConfig},
    ports::OnboardingStore,
};
use onboarding_testkit::{ManualClock, MemoryStore, SeededEntropy, acme_id, create, user_named};

use crate::{
    bench::{Answer, Bench, companies, request, with_token},
    world::no_limits,
};

/// What two decoders read on the pages, which agree.
pub(crate) fn links_on(pdf: &[u8]) -> BTreeSet<String> {
    let pdf = Pdf::new(pdf.to_vec()).unwrap();
    let (cache, folder) = (RenderCache::new(), tempfile::tempdir().unwrap());
    let settings = PixmapSettings {
        x_scale: 2.8,
        y_scale: 2.8,
        bg_color: WHITE,
    };
    let (mut by_rqrr, mut by_zbar) = (BTreeSet::new(), BTreeSet::new());
    for page in pdf.pages().iter() {
        let (by, how) = (InterpreterSettings::default(), RenderSettings::default());
        let png = render(page, &cache, &by, &how, &settings).into_png().unwrap();
        let picture = image::load_from_memory(&png).unwrap().to_luma8();
        let mut prepared = rqrr::PreparedImage::prepare(picture);
        let grids = prepared.detect_grids();
        // Corners of neighbours look like a code, too, which says nothing.
        by_rqrr.extend(grids.iter().filter_map(|grid| Some(grid.decode().ok()?.1)));
        let file = folder.path().join("page.png");
        fs::write(&file, png).unwrap();
        let run = Command::new("zbarimg")
            .args(["--quiet", "--raw"])
            .arg(&file)
            .output();
        let output = run.expect("zbarimg is missing: apt-get install zbar-tools");
        by_zbar.extend(
            String::from_utf8(output.stdout)
                .unwrap()
                .lines()
                .map(str::to_owned),
        );
    }
    assert_eq!(by_rqrr, by_zbar);
    by_rqrr
}

/// What the codes of these users hold.
pub(crate) fn links_of(extensions: &[&str]) -> BTreeSet<String> {
    let link = |extension: &&str| format!("https://wa.me/85256428035?text=%23{extension}");
    extensions.iter().map(link).collect()
}

/// Acme with more users, for whoever sees its configuration.
struct World {
    bench: Bench,
    token: String,
}

impl World {
    async fn with(change: impl FnOnce(&mut CompanyConfig)) -> Self {
        let [(id, mut config), _] = companies();
        change(&mut config);
        let (clock, entropy) = (ManualClock::default(), SeededEntropy::new(6));
        let store: Arc<dyn OnboardingStore> = Arc::new(MemoryStore::new());
        create(store.as_ref(), &id, &config, &mut entropy.draw()).await;
        let bench = Bench::on(store, clock, entropy, no_limits()).await;
        let token = bench.token(&acme_id(), &[TokenScope::ConfigRead]).await;
        Self { bench, token }
    }

    async fn new() -> Self {
        Self::with(|_| ()).await
    }

    async fn asks(&self, query: &str) -> Answer {
        self.asks_knowing(query, "\"none\"").await
    }

    async fn asks_knowing(&self, query: &str, tag: &str) -> Answer {
        let path = format!("/api/v1/badges.pdf{query}");
        let asked = with_token("GET", &path, &self.token).insert_header(("If-None-Match", tag));
        self.bench.sends(asked).await
    }

    /// The name of the sheet of exactly these users.
    async fn tag_of(&self, users: &[&str]) -> String {
        let named: Vec<_> = users.iter().map(|user| format!("username={user}")).collect();
        let sheet = self.asks(&format!("?{}", named.join("&"))).await;
        assert_eq!(sheet.status, 200, "{users:?}");
        sheet.header("etag").to_owned()
    }

    /// The query is refused; gives what is said.
    async fn refuses(&self, query: &str, status: u16, kind: &str) -> String {
        let answer = self.asks(query).await;
        assert_eq!((answer.status.as_u16(), answer.kind()), (status, kind), "{query}");
        answer.json["detail"].as_str().unwrap().to_owned()
    }
}

fn without_extension(name: &str, unit: &str) -> UserConfig {
    UserConfig {
        extension: None,
        ..user_named(name, unit, "#none")
    }
}

fn more_than_a_sheet(config: &mut CompanyConfig) {
    let many = (0..501).map(|one| user_named(&format!("U{one:03}"), "hk", &format!("#u{one:03}")));
    config.users.extend(many);
}

/// WhatsApp takes the text, but its code would be too fine.
fn too_long_for_badges(config: &mut CompanyConfig) {
    let text = format!("{{extension}} {}", "陳".repeat(60));
    config.settings.qr_text = QrText::parse(&text).unwrap();
}

#[actix_web::test]
async fn the_sheet_has_a_code_for_each_who_has_one_and_says_how_many_have_none() {
    let world = World::new().await;
    let all = world.asks("").await;
    assert_eq!(all.status, 200, "{}", all.text);
    assert_eq!(all.header("content-type"), "application/pdf");
    let disposition = all.header("content-disposition");
    assert_eq!(disposition, "attachment; filename=\"badges.pdf\"");
    assert_eq!(all.header("badges-left-out"), "1", "no pool serves Lee");
    assert_eq!(links_on(&all.bytes), links_of(&["dom123456", "kate", "michael"]));
}

#[actix_web::test]
async fn names_and_filters_choose_whose_badges_are_printed() {
    let world = World::new().await;
    let named = world.asks("?username=kate&username=dom").await;
    assert_eq!(links_on(&named.bytes), links_of(&["dom123456", "kate"]));
    for (query, users, left_out) in [
        ("?org_unit=hk-private", &["dom", "kate"][..], "0"),
        ("?org_unit=hk", &["dom", "kate", "michael"], "0"),
        ("?role=admin", &["michael"], "0"),
        ("?q=KAT", &["kate"], "0"),
        ("?q=%23dom&org_unit=hk", &["dom"], "0"),
        ("?username=dom&role=admin", &["dom", "michael"], "0"),
        ("?username=dom&org_unit=sg", &["dom"], "1"),
        ("?username=dom&username=dom", &["dom"], "0"),
    ] {
        let answer = world.asks_knowing(query, &world.tag_of(users).await).await;
        let said = (answer.status.as_u16(), answer.header("badges-left-out"));
        assert_eq!(said, (304, left_out), "{query}: the sheet of {users:?}");
    }
}

#[actix_web::test]
async fn a_sheet_is_sent_once_until_what_is_on_it_changes() {
    let world = World::new().await;
    let first = world.asks("?org_unit=hk-private").await;
    let tag = first.header("etag").to_owned();
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let again = world.asks_knowing("?username=dom&username=kate", &tag).await;
    assert_eq!(
        (again.status.as_u16(), again.text.as_str()),
        (304, ""),
        "the same badges"
    );
    assert_eq!(
        (again.header("etag"), again.header("badges-left-out")),
        (tag.as_str(), "0")
    );
    for query in ["?username=dom", "?org_unit=hk-private&language=ar"] {
        let other = world.asks_knowing(query, &tag).await;
        assert_eq!(other.status, 200, "{query}");
        assert_ne!(other.header("etag"), tag, "{query}");
    }
}

#[actix_web::test]
async fn badges_are_for_those_who_see_the_configuration() {
    let bench = Bench::new().await;
    let status = async |username: &str| {
        let browser = bench.signs_in(&acme_id(), username).await;
        let asked = request("GET", "/api/v1/badges.pdf?username=dom");
        bench.browses(&browser, asked).await.status.as_u16()
    };
    assert_eq!(status("dom").await, 403, "not even one's own");
    assert_eq!(status("michael").await, 200);
    assert_eq!(status("lee").await, 200);
}

#[actix_web::test]
async fn whoever_is_named_is_there_and_has_a_code() {
    let world = World::with(|config| {
        config.users.push(without_extension("Zoe", "hk"));
    })
    .await;
    let query = "?username=nobody&username=dom&username=a%2Cb";
    let said = world.refuses(query, 400, "invalid-parameter").await;
    assert!(
        said.contains("`nobody`") && said.contains("`a,b`") && !said.contains("`dom`"),
        "{said}"
    );
    let named = world.asks("?username=zoe&username=lee&username=dom").await;
    assert_eq!((named.status.as_u16(), named.kind()), (409, "no-code"));
    let said: Vec<_> = named.json["errors"].as_array().unwrap().iter().collect();
    assert_eq!(said.len(), 2, "{}", named.text);
    assert!(
        said[0]["detail"]
            .as_str()
            .unwrap()
            .contains("no pool serves lee's unit sg"),
        "{said:?}"
    );
    assert!(
        said[1]["detail"]
            .as_str()
            .unwrap()
            .contains("zoe has no extension"),
        "{said:?}"
    );
    let many: Vec<_> = (0..30).map(|one| format!("username=nobody{one}")).collect();
    let said = world
        .refuses(&format!("?{}", many.join("&")), 400, "invalid-parameter")
        .await;
    assert!(said.ends_with("and 20 more"), "{said}");
}

#[actix_web::test]
async fn parameters_that_say_nothing_are_refused_with_the_mend() {
    let world = World::new().await;
    for (query, words) in [
        ("?org_unit=mars", "/api/v1/org-units"),
        ("?role=king", "user, admin, auditor"),
        ("?language=%20", "language:"),
        ("?q=a&q=b", "write it once"),
        ("?unit=hk", "unknown field `unit`"),
    ] {
        let said = world.refuses(query, 400, "invalid-parameter").await;
        assert!(said.contains(words), "{query}: {said}");
    }
}

#[actix_web::test]
async fn nobody_is_no_sheet() {
    let world = World::new().await;
    let said = world.refuses("?org_unit=sg", 409, "no-badges").await;
    assert!(said.contains("none of the 1 users has a code"), "{said}");
    let said = world.refuses("?q=unicorn", 409, "no-badges").await;
    assert!(said.contains("no active user fits"), "{said}");
}

#[actix_web::test]
async fn more_than_a_sheet_holds_is_refused_with_the_number_and_how_to_narrow() {
    let world = World::with(more_than_a_sheet).await;
    let said = world.refuses("", 422, "too-many-badges").await;
    assert!(
        said.contains("504 badges") && said.contains("500 at the most") && said.contains("org_unit"),
        "{said}"
    );
    let some = world.asks("?q=u00").await;
    assert_eq!(some.status, 200, "{}", some.text);
}

#[actix_web::test]
async fn a_badge_that_would_not_scan_is_refused_by_name() {
    let world = World::with(too_long_for_badges).await;
    let said = world.refuses("?q=kate", 409, "no-code").await;
    let words = "the badge of `kate` cannot be drawn: the link is too long for a badge";
    assert!(said.contains(words), "{said}");
}

/// What Michael, who is an admin, sees.
async fn sees(world: &World, path: &str, language: &str) -> Answer {
    let browser = world.bench.signs_in(&acme_id(), "michael").await;
    let asked = request("GET", path)
        .insert_header(("Accept", "text/html"))
        .insert_header(("Accept-Language", language));
    world.bench.browses(&browser, asked).await
}

/// Where the button of the page leads to, and how many badges it promises.
fn button(page: &str) -> Option<(String, &str)> {
    let (before, after) = page.split_once(">Print badges (")?;
    let address = before.rsplit("href=\"").next()?.split('"').next()?;
    Some((address.replace("&#38;", "&"), after.split(')').next()?))
}

#[actix_web::test]
async fn the_button_prints_whom_the_list_shows() {
    let world = World::new().await;
    for (query, users) in [
        ("", &["dom", "kate", "michael"][..]),
        ("?unit=hk-private", &["dom", "kate"]),
        ("?unit=hk", &["dom", "kate", "michael"]),
        ("?q=%23k&unit=hk", &["kate"]),
        ("?role=admin", &["michael"]),
    ] {
        let page = sees(&world, &format!("/admin/users{query}"), "en").await.text;
        let (address, count) = button(&page).unwrap();
        assert_eq!(count, users.len().to_string(), "{query}");
        let left_out = page.contains("without a badge: 1.");
        assert_eq!(left_out, query.is_empty(), "{query}: only Lee has no code");
        let sheet = sees(&world, &address, "en").await;
        assert_eq!(sheet.header("content-type"), "application/pdf", "{query}");
        assert_eq!(sheet.header("etag"), world.tag_of(users).await, "{query}");
    }
}

#[actix_web::test]
async fn why_there_is_no_sheet_is_told_on_the_list_in_the_readers_language() {
    let world = World::with(more_than_a_sheet).await;
    for (query, status, language, words) in [
        ("?unit=sg", 409, "en", "None of these users has a QR code"),
        ("?unit=sg", 409, "zh-HK", "這些用戶都沒有 QR 碼"),
        ("?unit=hk", 422, "en", "These are 504 badges"),
        ("?unit=hk", 422, "ar", "عدد الشارات 504"),
    ] {
        let page = sees(&world, &format!("/admin/users{query}"), language).await;
        assert!(page.status == 200 && page.text.contains(words), "{}", page.text);
        assert!(!page.text.contains("/admin/badges.pdf"), "{query}: no button");
        let refused = sees(&world, &format!("/admin/badges.pdf{query}"), language).await;
        assert_eq!(refused.status, status, "{query}");
        assert!(refused.header("content-type").starts_with("text/html"));
        assert_eq!(
            refused.text.matches(words).count(),
            1,
            "{query}: {}",
            refused.text
        );
        assert!(refused.text.contains("class=\"note badly\""), "{query}");
    }
    let nobody = sees(&world, "/admin/badges.pdf?q=unicorn", "en").await;
    assert_eq!(nobody.status, 409);
    assert!(nobody.text.contains("There is nobody"), "{}", nobody.text);
}

#[actix_web::test]
async fn a_badge_that_would_not_scan_is_told_on_the_list_by_name() {
    let world = World::with(too_long_for_badges).await;
    let refused = sees(&world, "/admin/badges.pdf?q=kate", "en").await;
    assert_eq!(refused.status, 409);
    let words = "The QR code of Kate is too fine for a badge.";
    assert!(refused.text.contains(words), "{}", refused.text);
}
