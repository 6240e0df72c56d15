//! The programs that the tests need beside cargo: found, installed where that is safe, or named with the
//! mend.

use std::{
    env, fs,
    path::PathBuf,
    process::{Command, Output},
};

use anyhow::{Result, bail};

use crate::{
    packages,
    step::{self, cargo, command, heading},
};

/// The newest nextest that this toolchain was tried with; a later one may ask for a later compiler.
const NEXTEST: &str = "cargo-nextest@0.9.143";

/// A program that tests start, and the Debian package that has it.
#[derive(Debug)]
struct Tool {
    /// Any one of these names on the path will do.
    names: &'static [&'static str],
    package: &'static str,
    needed_for: &'static str,
    drives_browser: bool,
}

const TOOLS: &[Tool] = &[
    Tool {
        names: &["chromium", "chromium-browser", "google-chrome"],
        package: "chromium",
        needed_for: "the page tests",
        drives_browser: true,
    },
    Tool {
        names: &["chromedriver"],
        package: "chromium-driver",
        needed_for: "the page tests",
        drives_browser: true,
    },
    Tool {
        names: &["zbarimg"],
        package: "zbar-tools",
        needed_for: "reading QR codes back",
        drives_browser: false,
    },
    Tool {
        names: &["curl"],
        package: "curl",
        needed_for: "the examples of docs/api.md",
        drives_browser: false,
    },
    Tool {
        names: &["node"],
        package: "nodejs",
        needed_for: "packages of others that tests run against",
        drives_browser: false,
    },
    Tool {
        names: &["npm"],
        package: "npm",
        needed_for: "packages of others that tests run against",
        drives_browser: false,
    },
    Tool {
        names: &["python3-venv"],
        package: "python3-venv",
        needed_for: "packages of others that tests run against",
        drives_browser: false,
    },
    // The tests run a server of their own with it. The one that Debian starts at once, on port 5432, is nobody's here.
    Tool {
        names: &["initdb"],
        package: "postgresql",
        needed_for: "the store on PostgreSQL",
        drives_browser: false,
    },
];

/// Returns only when every tool is there; the error says what is missing and how to install it.
pub(crate) fn ensure(with_browser: bool) -> Result<()> {
    ensure_nextest()?;
    let missing = missing(with_browser, is_there);
    if !missing.is_empty() {
        let Some(apt) = Apt::available() else {
            bail!("{}", instructions(&missing));
        };
        heading(&format!("installing {}", debian_packages(&missing).join(", ")));
        apt.install(&missing)?;
    }
    packages::ensure()
}

fn ensure_nextest() -> Result<()> {
    if step::succeeds(cargo(["nextest", "--version"])) {
        return Ok(());
    }
    heading("installing cargo-nextest, once; this takes some minutes");
    step::run(cargo(["install", "--locked", NEXTEST]))
}

fn missing(with_browser: bool, is_there: impl Fn(&str) -> bool) -> Vec<&'static Tool> {
    let wanted = TOOLS.iter().filter(|tool| with_browser || !tool.drives_browser);
    wanted
        .filter(|tool| !tool.names.iter().any(|name| is_there(name)))
        .collect()
}

fn is_there(program: &str) -> bool {
    match program {
        "initdb" => on_path(program) || postgres_is_there(),
        // No program of its own: Debian's Python cannot make environments without it.
        "python3-venv" => step::succeeds(command("python3", ["-c", "import ensurepip"])),
        _ => on_path(program),
    }
}

fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Debian keeps the programs of the server off the path; and whoever names a server needs none.
fn postgres_is_there() -> bool {
    if env::var_os("ONBOARDING_TEST_POSTGRES_URL").is_some() {
        return true;
    }
    let named = env::var_os("POSTGRES_BIN").map(PathBuf::from);
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let installed = versions.map(|version| version.path().join("bin"));
    named
        .into_iter()
        .chain(installed)
        .any(|folder| folder.join("initdb").is_file())
}

fn debian_packages(missing: &[&Tool]) -> Vec<&'static str> {
    missing.iter().map(|tool| tool.package).collect()
}

fn instructions(missing: &[&Tool]) -> String {
    let named = missing
        .iter()
        .map(|tool| format!("{} (for {})", tool.names.join(" or "), tool.needed_for));
    let mut text = format!(
        "missing on the path: {}\ninstall with: sudo apt-get install --no-install-recommends {}",
        named.collect::<Vec<_>>().join(", "),
        debian_packages(missing).join(" "),
    );
    if missing.iter().any(|tool| tool.drives_browser) {
        text.push_str("\nor leave out the tests that drive a browser: cargo xtask test --no-browser");
    }
    text
}

/// `apt-get` with the right to use it without asking anybody.
struct Apt {
    through_sudo: bool,
}

impl Apt {
    fn available() -> Option<Self> {
        if !on_path("apt-get") {
            return None;
        }
        if is_root() {
            return Some(Self { through_sudo: false });
        }
        step::succeeds(command("sudo", ["-n", "true"])).then_some(Self { through_sudo: true })
    }

    fn install(&self, missing: &[&Tool]) -> Result<()> {
        // A stale list may still do: only the install decides.
        step::capture(self.command(&["update"]))?;
        let mut args = vec!["install", "-y", "--no-install-recommends"];
        args.extend(debian_packages(missing));
        let output = step::capture(self.command(&args))?;
        if !output.status.success() {
            bail!(
                "apt-get could not install them:\n{}\n{}",
                all_said(&output),
                instructions(missing)
            );
        }
        Ok(())
    }

    /// `env` carries the variable through sudo, which clears the environment.
    fn command(&self, args: &[&str]) -> Command {
        let (program, before) = if self.through_sudo {
            ("sudo", &["-n", "env"][..])
        } else {
            ("env", &[][..])
        };
        let mut apt = command(program, before.iter().copied());
        apt.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"])
            .args(args);
        apt
    }
}

fn is_root() -> bool {
    step::stdout_of(command("id", ["-u"])).is_ok_and(|id| id.trim() == "0")
}

fn all_said(output: &Output) -> String {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    format!("{}\n{}", out.trim(), err.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL_BUT_THE_BROWSER: [&str; 7] = [
        "chromedriver",
        "zbarimg",
        "curl",
        "node",
        "npm",
        "python3-venv",
        "initdb",
    ];

    #[test]
    fn any_name_of_a_browser_will_do() {
        let there = |name: &str| name == "google-chrome" || ALL_BUT_THE_BROWSER.contains(&name);
        assert!(missing(true, there).is_empty());
    }

    #[test]
    fn a_driver_without_a_browser_is_not_enough() {
        let missing = missing(true, |name| ALL_BUT_THE_BROWSER.contains(&name));
        assert_eq!(debian_packages(&missing), ["chromium"]);
    }

    #[test]
    fn without_page_tests_no_browser_is_asked_for() {
        let missing = missing(false, |_| false);
        assert_eq!(
            debian_packages(&missing),
            [
                "zbar-tools",
                "curl",
                "nodejs",
                "npm",
                "python3-venv",
                "postgresql"
            ]
        );
        assert!(!instructions(&missing).contains("--no-browser"));
    }

    #[test]
    fn the_instructions_name_the_programs_and_one_command() {
        let text = instructions(&missing(true, |name| {
            name != "chromedriver" && ALL_BUT_THE_BROWSER.contains(&name)
        }));
        assert!(
            text.contains("chromium or chromium-browser or google-chrome (for the page tests), chromedriver")
        );
        assert!(text.contains("apt-get install --no-install-recommends chromium chromium-driver\n"));
        assert!(text.contains("--no-browser"));
    }
}
