//! How a page is looked at: in which window, whether everybody can use it, and a picture for people to see.

use std::{path::PathBuf, sync::LazyLock};

use serde_json::{Value, json};

use super::Browser;

/// A window and what its owner prefers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) name: &'static str,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) dark: bool,
}

pub(super) const DESK: Window = Window {
    name: "desk",
    width: 1280,
    height: 800,
    dark: true,
};
pub(super) const PHONE: Window = Window {
    name: "phone",
    width: 390,
    height: 844,
    dark: false,
};
/// The narrowest that the pages are made for.
pub(super) const NARROW: Window = Window {
    name: "narrow",
    width: 320,
    height: 568,
    dark: true,
};
/// The widest.
pub(super) const WIDE: Window = Window {
    name: "wide",
    width: 1920,
    height: 1080,
    dark: false,
};

/// What WCAG 2.2 asks for at the levels A and AA, as far as a program can tell.
const WCAG: [&str; 5] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

static AXE: LazyLock<String> = LazyLock::new(|| {
    let file = test_tools::npm_file("axe-core/axe.min.js");
    std::fs::read_to_string(file).expect("axe-core is a text")
});

impl Browser {
    /// Makes the window as large, and its owner as fond of the dark.
    pub(super) async fn is(&self, window: Window) {
        let tools = self.page.cdp();
        let size = json!({
            "width": window.width, "height": window.height, "deviceScaleFactor": 1, "mobile": false,
        });
        let scheme = if window.dark { "dark" } else { "light" };
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]});
        for (method, wish) in [
            ("Emulation.setDeviceMetricsOverride", size),
            ("Emulation.setEmulatedMedia", media),
            // As on a phone: they take no width.
            ("Emulation.setScrollbarsHidden", json!({ "hidden": true })),
        ] {
            tools.send_raw(method, wish).await.expect("the browser obeys");
        }
    }

    /// What the page's own JavaScript says, as JSON.
    pub(super) async fn says(&self, script: &str) -> Value {
        let said = self.page.execute(script, Vec::new()).await;
        said.expect("the script runs").json().clone()
    }

    /// The page as it is, in each of the windows: nothing stands beyond its edges, at a desk and on a phone everybody
    /// can use it, and a picture of it is in `target/tmp/screens`.
    pub(super) async fn looks_fine(&self, name: &str) {
        for window in [DESK, PHONE, NARROW, WIDE] {
            self.is(window).await;
            let name = format!("{name}-{}", window.name);
            self.has_nothing_beyond_its_edges(&name).await;
            if matches!(window.name, "desk" | "phone") {
                self.is_for_everybody(&name).await;
            }
            self.is_pictured(&name).await;
        }
        self.is(DESK).await;
    }

    async fn has_nothing_beyond_its_edges(&self, name: &str) {
        let beyond = self
            .says(
                "const wide = document.documentElement.clientWidth;
                 const root = document.scrollingElement;
                 if (root.scrollWidth <= wide) return [];
                 const beyond = (box) => box.right > wide + 1 || box.left < -1;
                 return [...document.body.querySelectorAll('*')].filter((one) => beyond(one.getBoundingClientRect()))
                     .map((one) => one.outerHTML.slice(0, 120));",
            )
            .await;
        assert_eq!(beyond, json!([]), "{name}: the page scrolls sideways");
    }

    /// axe-core finds nothing against WCAG 2.2, levels A and AA.
    async fn is_for_everybody(&self, name: &str) {
        if self.says("return typeof window.axe").await == "undefined" {
            self.page
                .execute(AXE.as_str(), Vec::new())
                .await
                .expect("axe-core loads");
        }
        let script = format!(
            "const done = arguments[arguments.length - 1];
             axe.run(document, {{ runOnly: {}, resultTypes: ['violations'] }}).then(
                 (found) => done(found.violations.map((one) => [one.id, one.help,
                     ...one.nodes.map((node) => node.html + ' ' + node.failureSummary)])),
                 (problem) => done(String(problem)));",
            json!(WCAG)
        );
        let found = self.page.execute_async(script, Vec::new()).await;
        let found = found.expect("axe-core runs").json().clone();
        assert_eq!(found, json!([]), "{name} is not for everybody: {found:#}");
    }

    /// Keeps a picture of what the window shows, for people to look at.
    pub(super) async fn is_pictured(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screens");
        std::fs::create_dir_all(&folder).expect("the target folder can be written");
        let picture = self.page.screenshot(&folder.join(format!("{name}.png"))).await;
        picture.expect("the picture is kept");
    }

    /// How far what was shown moved by itself while the page loaded and since; 0 is not at all.
    pub(super) async fn moved(&self) -> f64 {
        let script = "const done = arguments[arguments.length - 1];
            let moved = 0;
            const sum = (entries) => { for (const one of entries) if (!one.hadRecentInput) moved += one.value; };
            const observer = new PerformanceObserver((list) => sum(list.getEntries()));
            observer.observe({ type: 'layout-shift', buffered: true });
            requestAnimationFrame(() => requestAnimationFrame(() => { sum(observer.takeRecords()); done(moved); }));";
        let moved = self.page.execute_async(script, Vec::new()).await;
        moved
            .expect("the browser measures")
            .json()
            .as_f64()
            .expect("a number")
    }
}
