//! Pages in a real browser, as people use them.

mod admin;
mod leap;
mod live;
mod look;
mod phone;
mod refused;
mod teams;

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use thirtyfour::{
    By, ChromiumLikeCapabilities, DesiredCapabilities, WebDriver, WebElement,
    extensions::query::ElementQueryable,
};

use crate::process::PATIENCE;

/// A headless browser with a driver and a profile of its own.
struct Browser {
    page: WebDriver,
    driver: Child,
    _profile: TempDir,
}

impl Browser {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With more arguments.
    async fn start_with(more: &[&str]) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver: `cargo xtask test` installs it");
        let lines = BufReader::new(driver.stdout.take().expect("piped")).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("successfully on port ")
                    .map(|(_, port)| port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver says its port");
        let profile = TempDir::new().unwrap();
        let mut wanted = DesiredCapabilities::chrome();
        for argument in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--window-size=390,844",
            &format!("--user-data-dir={}", profile.path().display()),
        ] {
            wanted.add_arg(argument).unwrap();
        }
        for argument in more {
            wanted.add_arg(argument).unwrap();
        }
        let page = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted)
            .await
            .expect("the browser starts");
        Self {
            page,
            driver,
            _profile: profile,
        }
    }

    /// The first element with this test id whose text holds `words`; waits for it.
    async fn find(&self, test_id: &str, words: &str) -> WebElement {
        self.shows(&format!("[data-testid='{test_id}']"), words).await
    }

    /// The first element that the selector finds and whose text holds `words`; waits for it.
    async fn shows(&self, css: &str, words: &str) -> WebElement {
        let wanted = words.to_owned();
        let holds = move |element: WebElement| {
            let wanted = wanted.clone();
            // The page may draw itself anew at any moment: what was there is then looked for again.
            async move { Ok(element.text().await.is_ok_and(|text| text.contains(&wanted))) }
        };
        let query = self
            .page
            .query(By::Css(css.to_owned()))
            .wait(PATIENCE, Duration::from_millis(50))
            .with_filter(holds);
        query
            .first()
            .await
            .unwrap_or_else(|error| panic!("no {css} with {words:?}: {error}"))
    }

    /// Clicks the first such element.
    async fn clicks(&self, css: &str, words: &str) {
        let found = self.shows(css, words).await;
        found.scroll_into_view().await.unwrap();
        found.click().await.unwrap();
    }

    /// How many elements with this test id there are now.
    async fn count(&self, test_id: &str) -> usize {
        self.page
            .find_all(By::Css(format!("[data-testid='{test_id}']")))
            .await
            .unwrap()
            .len()
    }

    async fn close(self) {
        let _ = self.page.clone().quit().await;
    }
}

/// Also where a test ends early: the driver, asked to stop, stops its browser.
impl Drop for Browser {
    fn drop(&mut self) {
        let driver = self.driver.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &driver]).status();
        let _ = self.driver.wait();
    }
}
