//! Stylesheet, scripts and icons, embedded in the program.

use std::{borrow::Cow, sync::LazyLock};

use sha2::{Digest, Sha256};

/// A file that pages refer to.
#[derive(Debug)]
pub struct Asset {
    /// Its address below `/assets/`: the first hex digits of its content's SHA-256 are part of it, so that it may be
    /// kept for ever.
    pub path: String,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

const LEAP: &str = "leap.js";
/// It imports [`LEAP`].
const TEAMS: &str = "teams.js";

/// Name without the content's digits, kind, bytes.
const FILES: &[(&str, &str, &[u8])] = &[
    (
        "leap.css",
        "text/css; charset=utf-8",
        include_bytes!("../assets/leap.css"),
    ),
    (
        "api.css",
        "text/css; charset=utf-8",
        include_bytes!("../assets/api.css"),
    ),
    (LEAP, JAVASCRIPT, include_bytes!("../assets/leap.js")),
    (TEAMS, JAVASCRIPT, include_bytes!("../assets/teams.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("../assets/icon.svg")),
    (
        "icon-192.png",
        "image/png",
        include_bytes!("../assets/icon-192.png"),
    ),
    (
        "icon-512.png",
        "image/png",
        include_bytes!("../assets/icon-512.png"),
    ),
    (
        "icon-maskable-512.png",
        "image/png",
        include_bytes!("../assets/icon-maskable-512.png"),
    ),
];

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| FILES.iter().map(asset).collect());

fn asset((name, content_type, bytes): &(&'static str, &'static str, &'static [u8])) -> Asset {
    let bytes = match *name {
        TEAMS => Cow::Owned(importing(bytes, LEAP)),
        _ => Cow::Borrowed(*bytes),
    };
    Asset {
        path: path_of(name, &bytes),
        content_type,
        bytes,
    }
}

fn path_of(name: &str, bytes: &[u8]) -> String {
    let digest = hex::encode(Sha256::digest(bytes));
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    format!("{stem}.{}.{extension}", &digest[..12])
}

/// The module with the address that another one has: browsers look an import up as it is written.
fn importing(module: &[u8], other: &str) -> Vec<u8> {
    let bytes = FILES.iter().find(|(name, ..)| *name == other);
    let path = bytes.map_or_else(String::new, |(_, _, bytes)| path_of(other, bytes));
    let written = String::from_utf8_lossy(module);
    written
        .replace(&format!("\"./{other}\""), &format!("\"./{path}\""))
        .into_bytes()
}

/// Every asset.
pub fn all() -> &'static [Asset] {
    &ASSETS
}

/// The asset at this address below `/assets/`.
pub fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

/// The whole path of the file of this name, for pages.
pub fn address(name: &str) -> String {
    let place = FILES.iter().position(|(known, ..)| *known == name);
    place.map_or_else(String::new, |place| format!("/assets/{}", ASSETS[place].path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_its_file_and_no_other_does() {
        for (name, ..) in FILES {
            let path = address(name);
            let found = find(path.strip_prefix("/assets/").unwrap()).unwrap();
            assert_eq!(found.path, path_of(name, &found.bytes));
        }
        assert!(find("leap.css").is_none());
        assert_eq!(address("none.css"), "");
    }

    #[test]
    fn a_module_imports_the_other_from_where_it_is() {
        let module = find(address(TEAMS).strip_prefix("/assets/").unwrap()).unwrap();
        let module = String::from_utf8(module.bytes.to_vec()).unwrap();
        let named = module
            .split(" from \"./")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        assert!(find(named.unwrap()).is_some(), "{named:?}");
    }
}
