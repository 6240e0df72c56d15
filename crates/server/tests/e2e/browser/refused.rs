//! What people see when a page cannot be had now.

use std::time::Duration;

use thirtyfour::Cookie;
use tokio::time::{interval, timeout};

use super::{Browser, look::DESK};
use crate::{
    demo::Demo,
    process::PATIENCE,
    replicas::on_postgres,
    sign_in::{administered, first_session},
};

/// Asks for pages with the browser's session until it is over, so that none is left for the browser.
async fn hammers(demo_http: reqwest::Client, address: String, cookie: String) {
    loop {
        let asked = demo_http.get(&address).header("Cookie", &cookie);
        let _ = asked.send().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_is_told_so_on_a_page() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    browser.is(DESK).await;
    browser.signs_in(&demo.base, "dom").await;
    let session = browser.page.get_named_cookie("onboarding-session").await.unwrap();
    let address = format!("{}/api/v1/me", demo.base);
    let cookie = format!("onboarding-session={}", session.value);
    let others = [(); 4].map(|()| tokio::spawn(hammers(demo.http.clone(), address.clone(), cookie.clone())));
    // One request in fifty milliseconds is let through, and it may be the browser's.
    let mut every = interval(Duration::from_millis(200));
    let told = async {
        loop {
            every.tick().await;
            browser.opens(&demo.base, "/app/profile", "en").await;
            if browser.shows("h1", "").await.text().await.unwrap() == "Too many requests" {
                break;
            }
        }
    };
    timeout(PATIENCE, told).await.expect("the page says so");
    for other in others {
        other.abort();
    }
    browser.shows("main", "Please wait a little and try again.").await;
    browser.looks_fine("too-many").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_database_is_down_people_read_that_something_went_wrong() {
    let (deployment, server) = on_postgres();
    let deployment = administered(deployment);
    let (replica, browser) = (deployment.serve(), Browser::start().await);
    let cookie = first_session(&deployment, &replica).await;
    let (name, value) = cookie.split_once('=').unwrap();
    browser.is(DESK).await;
    browser.opens(&replica.public, "/sign-in", "en").await;
    browser.page.add_cookie(Cookie::new(name, value)).await.unwrap();
    browser.opens(&replica.public, "/admin/pools", "en").await;
    browser.shows("h1", "Official account pools").await;
    server.stop();
    browser.opens(&replica.public, "/admin/pools", "en").await;
    browser.shows("h1", "Something went wrong").await;
    browser.looks_fine("out-of-order").await;
    browser.opens(&replica.public, "/admin/pools", "zh-HK").await;
    browser.looks_fine("out-of-order-zh-HK").await;
    server.start_again();
    browser.opens(&replica.public, "/admin/pools", "en").await;
    browser.shows("h1", "Official account pools").await;
    browser.close().await;
}
