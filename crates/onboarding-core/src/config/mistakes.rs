//! What is wrong across the parts of a configuration. What is wrong within one value (a phone number, an
//! extension, a text) its type has refused already.

pub mod bounds;
mod codes;
mod people;
mod places;
mod pools;
mod settings;
#[cfg(test)]
pub(super) mod tests;
mod units;

use std::collections::BTreeMap;

use super::CompanyConfig;

pub(crate) use people::extension_clash;

/// Something that is wrong in a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where, in the words of the manifest: `users[2].extension`.
    pub path: String,
    /// What, and the mend. Holds no secret and no client's phone number.
    pub message: String,
}

/// Everything that is wrong across the parts, all of it at once; empty for a configuration that can be applied.
///
/// Whether a number belongs to another company is the store's to say.
pub fn mistakes(config: &CompanyConfig) -> Vec<Mistake> {
    let mut findings = Findings::default();
    settings::check(&config.settings, &mut findings);
    units::check(config, &mut findings);
    people::check_users(config, &mut findings);
    people::check_client_profiles(config, &mut findings);
    pools::check_official_accounts(config, &mut findings);
    pools::check_pools(config, &mut findings);
    codes::check(config, &mut findings);
    findings.0
}

/// The mistakes found so far.
#[derive(Default)]
struct Findings(Vec<Mistake>);

impl Findings {
    fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Mistake {
            path: path.into(),
            message: message.into(),
        });
    }

    /// Refuses a name or the like that shows nothing or breaks out of its line.
    fn check_line(&mut self, path: impl Into<String>, text: &str) {
        if text.trim().is_empty() {
            self.add(path, "is empty; write at least one visible character");
        } else if text.chars().any(char::is_control) {
            self.add(
                path,
                "holds a line break or another control character; write it on one line",
            );
        }
    }

    /// Refuses every key that stands at an earlier path too.
    fn refuse_repeated<K: Ord>(
        &mut self,
        keys: impl IntoIterator<Item = (String, K)>,
        message: impl Fn(&K, &str) -> String,
    ) {
        let mut first_at: BTreeMap<K, String> = BTreeMap::new();
        for (path, key) in keys {
            match first_at.get(&key) {
                Some(first) => self.add(path, message(&key, first)),
                None => drop(first_at.insert(key, path)),
            }
        }
    }

    /// Refuses what a list without an order names twice.
    fn refuse_twice<K: Ord + std::fmt::Display>(&mut self, path: &str, list: impl IntoIterator<Item = K>) {
        let keys = list
            .into_iter()
            .enumerate()
            .map(|(index, key)| (format!("{path}[{index}]"), key));
        self.refuse_repeated(keys, |key, _| {
            format!("`{key}` stands in this list twice; remove one")
        });
    }
}

/// For the message about a key that must be unique.
fn also_at<K: std::fmt::Display>(key: &K, first: &str) -> String {
    format!("`{key}` is also {first}; give each its own")
}
