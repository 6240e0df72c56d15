//! The npm and Python packages that tests run against, as `tools` pins them, in `target/test-tools`.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::step::{self, command, heading};

/// The oldest Node that all of the packages take.
const OLDEST_NODE: u32 = 20;

/// Returns only when the packages are there as pinned.
pub(crate) fn ensure() -> Result<()> {
    ensure_npm(&Place::of("npm", "package-lock.json")?)?;
    ensure_python(&Place::of("python", "requirements.txt")?)
}

/// Where packages are pinned, and where they go.
struct Place {
    pins: PathBuf,
    lock: &'static str,
    target: PathBuf,
}

impl Place {
    fn of(name: &str, lock: &'static str) -> Result<Self> {
        let root = env::current_dir().context("find the workspace")?;
        Ok(Self {
            pins: root.join("tools").join(name),
            lock,
            target: root.join("target/test-tools").join(name),
        })
    }

    /// Written last, so that an installation that was broken off is not taken for one.
    fn stamp(&self) -> PathBuf {
        self.target.join(format!("installed-{}", self.lock))
    }

    fn pinned(&self) -> Result<String> {
        let lock = self.pins.join(self.lock);
        fs::read_to_string(&lock).with_context(|| format!("read {}", lock.display()))
    }

    fn is_current(&self) -> Result<bool> {
        let pinned = self.pinned()?;
        Ok(fs::read_to_string(self.stamp()).is_ok_and(|installed| installed == pinned))
    }

    /// An empty folder to install into.
    fn cleared(&self) -> Result<&str> {
        if self.target.exists() {
            fs::remove_dir_all(&self.target).context("clear the folder of the packages")?;
        }
        fs::create_dir_all(&self.target).context("make the folder of the packages")?;
        self.target
            .to_str()
            .context("the path of the workspace is not UTF-8")
    }

    fn installed(&self) -> Result<()> {
        fs::write(self.stamp(), self.pinned()?).context("note that the packages are installed")
    }
}

fn ensure_npm(place: &Place) -> Result<()> {
    if place.is_current()? {
        return Ok(());
    }
    let version = step::stdout_of(command("node", ["--version"]))?;
    if major(&version).is_none_or(|major| major < OLDEST_NODE) {
        bail!(
            "Node {OLDEST_NODE} or later is needed for packages that the tests run against; `node --version` says {}",
            version.trim()
        );
    }
    heading("installing the npm packages of tools/npm");
    let folder = place.cleared()?;
    for file in ["package.json", place.lock] {
        fs::copy(place.pins.join(file), place.target.join(file)).with_context(|| format!("copy {file}"))?;
    }
    let args = [
        "ci",
        "--prefix",
        folder,
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
    ];
    step::stdout_of(command("npm", args))?;
    place.installed()
}

fn ensure_python(place: &Place) -> Result<()> {
    if place.is_current()? {
        return Ok(());
    }
    heading("installing the Python packages of tools/python");
    let folder = place.cleared()?;
    step::stdout_of(command("python3", ["-m", "venv", folder]))?;
    let (pip, pinned) = (format!("{folder}/bin/pip"), place.pins.join(place.lock));
    let pinned = pinned
        .to_str()
        .context("the path of the workspace is not UTF-8")?;
    let args = [
        "install",
        "-q",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
        "-r",
        pinned,
    ];
    step::stdout_of(command(&pip, args))?;
    place.installed()
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20"), None);
    }

    #[test]
    fn another_pin_is_another_installation() {
        let folder = std::env::temp_dir().join(format!("packages-{}", std::process::id()));
        let place = Place {
            pins: folder.clone(),
            lock: "lock",
            target: folder.join("target"),
        };
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("lock"), "one").unwrap();
        place.cleared().unwrap();
        assert!(!place.is_current().unwrap(), "broken off");
        place.installed().unwrap();
        assert!(place.is_current().unwrap());
        fs::write(folder.join("lock"), "two").unwrap();
        assert!(!place.is_current().unwrap());
        fs::remove_dir_all(folder).unwrap();
    }
}
