//! What pages that are open and at which nothing happens cost the database.

use std::time::Duration;

use postgres_cluster::Own;
use reqwest::Response;

use crate::{
    deployment::{Deployment, Replica},
    replicas::on_postgres,
    sign_in::{administered, first_session},
};

/// Pages that are open at once.
const PAGES: usize = 24;

/// A stream says so when it had nothing to say for a quarter of a minute.
const STILL_HERE: &str = ": still here";

struct Page(Response);

impl Page {
    async fn opened(deployment: &Deployment, replica: &Replica, cookie: &str, of: &str) -> Self {
        let address = format!("{}/app/events?of={of}&seen=", replica.public);
        let asked = deployment.http.get(address).header("Cookie", cookie);
        // A stream is longer than an answer may take.
        let answer = asked.timeout(Duration::from_mins(5)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        Self(answer)
    }

    async fn says(&mut self, words: &str) {
        let mut heard = String::new();
        while !heard.contains(words) {
            let part = self.0.chunk().await.unwrap().expect("the stream goes on");
            heard.push_str(std::str::from_utf8(&part).unwrap());
        }
    }
}

/// Transactions that the database committed so far.
fn transactions(server: &Own) -> i64 {
    let sql = "SELECT sum(xact_commit) FROM pg_stat_database";
    let output = server.psql("postgres", sql).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let found = text.lines().find_map(|line| line.trim().parse().ok());
    found.unwrap_or_else(|| panic!("no count: {text}"))
}

/// The transactions until the page gives its next sign of life, a quarter of a minute after the last.
async fn of_a_quarter(server: &Own, page: &mut Page) -> i64 {
    let before = transactions(server);
    page.says(STILL_HERE).await;
    transactions(server) - before
}

#[tokio::test(flavor = "multi_thread")]
async fn open_pages_at_which_nothing_happens_cost_next_to_nothing() {
    let (deployment, server) = on_postgres();
    let deployment = administered(deployment);
    let replica = deployment.serve();
    let cookie = first_session(&deployment, &replica).await;
    let mut first = Page::opened(&deployment, &replica, &cookie, "chats").await;
    // The database counts what idle connections did some seconds later.
    first.says(STILL_HERE).await;
    let with_one = of_a_quarter(&server, &mut first).await;
    let mut others = Vec::new();
    for of in ["chats", "profile", "pools"].iter().cycle().take(PAGES) {
        others.push(Page::opened(&deployment, &replica, &cookie, of).await);
    }
    for page in &mut others {
        page.says("event: changed").await;
    }
    first.says(STILL_HERE).await;
    let with_many = of_a_quarter(&server, &mut first).await;
    let pages = i64::try_from(PAGES).unwrap();
    eprintln!("15 s: {with_one} transactions with one page, {with_many} with {pages} more");
    let each = (with_many - with_one) / pages;
    assert!(
        each < 15,
        "a page costs {each} transactions in 15 s: one a second or more"
    );
    assert_eq!(replica.running.stop(), Some(0));
}
