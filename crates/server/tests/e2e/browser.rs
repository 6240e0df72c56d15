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
};

use tempfile::TempDir;
use thirtyfour::{By, ChromiumLikeCapabilities, DesiredCapabilities, WebDriver, WebElement};

use crate::demo::until;

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
        let what = format!("{css} with {words:?}");
        until(&what, || self.seen(css, words)).await
    }

    /// Looks into the first frame that the selector finds until its page holds `words`, and stays in it.
    async fn looks_into(&self, frame: &str, words: &str) {
        let what = format!("{words:?} in {frame}");
        until(&what, || async {
            // Each time from the outside: a frame that takes another page is another frame to the driver.
            self.page.enter_default_frame().await.ok()?;
            let found = self.page.find(By::Css(frame)).await.ok()?;
            found.enter_frame().await.ok()?;
            self.seen("body", words).await.map(drop)
        })
        .await;
    }

    /// The first such element that there is now. What the driver could not look at, as the page was just taking another
    /// or drawing itself anew, is not there.
    async fn seen(&self, css: &str, words: &str) -> Option<WebElement> {
        for element in self.page.find_all(By::Css(css)).await.ok()? {
            if element.text().await.is_ok_and(|text| text.contains(words)) {
                return Some(element);
            }
        }
        None
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
