//! Settings: the environment over a TOML file over defaults.

use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use onboarding_core::SecretRef;
use onboarding_http::api::{InvalidNetwork, TrustedProxies};

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite(PathBuf),
    Postgres(PostgresUrl),
}

/// The address of a PostgreSQL database. It may hold a password and is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PostgresUrl(String);

impl PostgresUrl {
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresUrl(…)")
    }
}

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) database: Database,
    pub(crate) listen: SocketAddr,
    pub(crate) ops_listen: SocketAddr,
    pub(crate) public_url: Option<String>,
    /// Whose word counts for where a request came from.
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) graph_url: String,
    pub(crate) graph_version: String,
    /// Where Microsoft signs people in whom Teams sends.
    pub(crate) microsoft_url: String,
    pub(crate) log: String,
    /// What signs checkpoints of the audit.
    pub(crate) audit_key: Option<SecretRef>,
    /// Where `serve` writes them.
    pub(crate) audit_checkpoints: Option<PathBuf>,
    /// Which of them somebody set; the demo moves away from a busy default port, not from a chosen one.
    pub(crate) chosen: Vec<&'static str>,
}

/// What is wrong with a setting, and the mend.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{key}: {mistake}")]
pub(crate) struct SettingsError {
    key: String,
    mistake: String,
}

/// Name in the environment, name in the file, default.
const KEYS: [(&str, &str, &str); 11] = [
    ("DATABASE_URL", "database_url", "sqlite://data/onboarding.db"),
    ("ONBOARDING_LISTEN", "listen", "127.0.0.1:8080"),
    ("ONBOARDING_OPS_LISTEN", "ops_listen", "127.0.0.1:9090"),
    ("ONBOARDING_PUBLIC_URL", "public_url", ""),
    ("ONBOARDING_TRUSTED_PROXIES", "trusted_proxies", ""),
    ("ONBOARDING_GRAPH_URL", "graph_url", "https://graph.facebook.com"),
    ("ONBOARDING_GRAPH_VERSION", "graph_version", "v26.0"),
    (
        "ONBOARDING_MICROSOFT_URL",
        "microsoft_url",
        "https://login.microsoftonline.com",
    ),
    ("ONBOARDING_LOG", "log", "info"),
    ("ONBOARDING_AUDIT_KEY", "audit_key", ""),
    ("ONBOARDING_AUDIT_CHECKPOINTS", "audit_checkpoints", ""),
];

impl Settings {
    /// Reads the process's environment and the file.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        let file = match file {
            None => BTreeMap::new(),
            Some(path) => read_file(path)?,
        };
        // A value that is not UTF-8 is not one of ours: ours are checked below and would be refused.
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        #[cfg(feature = "failpoints")]
        let environment = environment.filter(|(name, _)| !crate::failpoints::KEYS.contains(&name.as_str()));
        Self::from(&environment.collect(), &file)
    }

    /// Scheme, host and port of the public URL, as browsers write them in `Origin`.
    pub(crate) fn origin(&self) -> Option<String> {
        let url = self.public_url.as_deref()?;
        let (scheme, rest) = url.split_once("://")?;
        let host = rest.split('/').next()?;
        Some(format!("{scheme}://{host}").to_lowercase())
    }

    fn from(
        environment: &BTreeMap<String, String>,
        file: &BTreeMap<String, String>,
    ) -> Result<Self, SettingsError> {
        refuse_unknown(
            environment.keys().filter(|name| name.starts_with("ONBOARDING_")),
            |key| key.0,
        )?;
        refuse_unknown(file.keys(), |key| key.1)?;
        let mut chosen = Vec::new();
        let mut values = BTreeMap::new();
        for (name, in_file, default) in KEYS {
            let set = environment.get(name).or_else(|| file.get(in_file));
            chosen.extend(set.is_some().then_some(name));
            values.insert(name, set.map_or(default, String::as_str).trim());
        }
        let value = |name: &'static str| (name, values.get(name).copied().unwrap_or_default());
        Ok(Self {
            database: database(value("DATABASE_URL"))?,
            listen: address(value("ONBOARDING_LISTEN"))?,
            ops_listen: address(value("ONBOARDING_OPS_LISTEN"))?,
            public_url: given(value("ONBOARDING_PUBLIC_URL")).map(url).transpose()?,
            trusted_proxies: proxies(value("ONBOARDING_TRUSTED_PROXIES"))?,
            graph_url: url(value("ONBOARDING_GRAPH_URL"))?,
            graph_version: graph_version(value("ONBOARDING_GRAPH_VERSION"))?,
            microsoft_url: url(value("ONBOARDING_MICROSOFT_URL"))?,
            log: value("ONBOARDING_LOG").1.to_owned(),
            audit_key: given(value("ONBOARDING_AUDIT_KEY")).map(secret_ref).transpose()?,
            audit_checkpoints: given(value("ONBOARDING_AUDIT_CHECKPOINTS")).map(|(_, path)| path.into()),
            chosen,
        })
    }
}

fn mistake(key: &str, mistake: impl Into<String>) -> SettingsError {
    SettingsError {
        key: key.to_owned(),
        mistake: mistake.into(),
    }
}

fn read_file(path: &Path) -> Result<BTreeMap<String, String>, SettingsError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        mistake(
            &shown,
            format!("cannot be read: {error}; check the path of --config"),
        )
    })?;
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| mistake(&shown, format!("is not TOML: {}", error.message())))?;
    let text_of = |(key, value): (String, toml::Value)| match value {
        toml::Value::String(text) => Ok((key, text)),
        _ => Err(mistake(&format!("{shown}: {key}"), "write the value in quotes")),
    };
    table.into_iter().map(text_of).collect()
}

type Key = (&'static str, &'static str, &'static str);

fn refuse_unknown<'a>(
    mut given: impl Iterator<Item = &'a String>,
    name_of: impl Fn(&Key) -> &'static str,
) -> Result<(), SettingsError> {
    let known: Vec<_> = KEYS.iter().map(&name_of).collect();
    match given.find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(mistake(
            name,
            format!("no such setting; known are {}", known.join(", ")),
        )),
    }
}

fn database((key, value): (&str, &str)) -> Result<Database, SettingsError> {
    match value.split_once("://") {
        Some(("sqlite", path)) if !path.is_empty() => Ok(Database::Sqlite(PathBuf::from(path))),
        Some(("postgres" | "postgresql", rest)) if !rest.is_empty() => {
            Ok(Database::Postgres(PostgresUrl(value.to_owned())))
        }
        _ => Err(mistake(
            key,
            "write sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE",
        )),
    }
}

fn address((key, value): (&str, &str)) -> Result<SocketAddr, SettingsError> {
    value.parse().map_err(|_| {
        mistake(
            key,
            format!("`{value}` is no address; write IP:PORT, for example 127.0.0.1:8080"),
        )
    })
}

fn url((key, value): (&str, &str)) -> Result<String, SettingsError> {
    let rest = value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"));
    match rest {
        Some(host) if !host.is_empty() && !host.starts_with('/') => {
            Ok(value.trim_end_matches('/').to_owned())
        }
        _ => Err(mistake(
            key,
            format!("`{value}` is no address; write https://HOST"),
        )),
    }
}

/// Nothing for a setting that is empty.
fn given<'a>(setting: (&'static str, &'a str)) -> Option<(&'static str, &'a str)> {
    Some(setting).filter(|(_, value)| !value.is_empty())
}

fn secret_ref((key, value): (&str, &str)) -> Result<SecretRef, SettingsError> {
    SecretRef::parse(value).map_err(|error| mistake(key, error.to_string()))
}

fn proxies((key, value): (&str, &str)) -> Result<TrustedProxies, SettingsError> {
    value
        .parse()
        .map_err(|error: InvalidNetwork| mistake(key, error.to_string()))
}

fn graph_version((key, value): (&str, &str)) -> Result<String, SettingsError> {
    let number = value
        .strip_prefix('v')
        .and_then(|rest| rest.strip_suffix(".0"))
        .and_then(|n| n.parse().ok());
    match number {
        Some(21..=99_u32) => Ok(value.to_owned()),
        _ => Err(mistake(
            key,
            format!("`{value}` is no supported version; write v21.0 to v26.0"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    fn refusal(environment: &[(&str, &str)], file: &[(&str, &str)]) -> String {
        Settings::from(&map(environment), &map(file))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn the_environment_wins_over_the_file_over_the_defaults() {
        let environment = map(&[("ONBOARDING_LISTEN", "127.0.0.1:1"), ("HOME", "/root")]);
        let file = map(&[("listen", "127.0.0.1:2"), ("ops_listen", "127.0.0.1:3")]);
        let settings = Settings::from(&environment, &file).unwrap();
        assert_eq!((settings.listen.port(), settings.ops_listen.port()), (1, 3));
        assert_eq!(settings.database, Database::Sqlite("data/onboarding.db".into()));
        assert_eq!(settings.chosen, ["ONBOARDING_LISTEN", "ONBOARDING_OPS_LISTEN"]);
    }

    #[test]
    fn one_line_names_the_key_and_the_mend() {
        for (environment, file, line) in [
            (
                &[("ONBOARDING_LISTN", "x")][..],
                &[][..],
                "ONBOARDING_LISTN: no such setting; known are DATABASE_URL,",
            ),
            (
                &[],
                &[("port", "1")],
                "port: no such setting; known are database_url,",
            ),
            (
                &[("DATABASE_URL", "onboarding.db")],
                &[],
                "DATABASE_URL: write sqlite://PATH",
            ),
            (
                &[("ONBOARDING_LISTEN", "8080")],
                &[],
                "ONBOARDING_LISTEN: `8080` is no address; write IP:PORT",
            ),
            (
                &[("ONBOARDING_GRAPH_URL", "graph")],
                &[],
                "ONBOARDING_GRAPH_URL: `graph` is no address",
            ),
            (
                &[("ONBOARDING_TRUSTED_PROXIES", "10.0.0.0/8, lb.example")],
                &[],
                "ONBOARDING_TRUSTED_PROXIES: `lb.example` is no address or network; write 10.0.0.5 or 10.0.0.0/8",
            ),
            (
                &[("ONBOARDING_GRAPH_VERSION", "26")],
                &[],
                "ONBOARDING_GRAPH_VERSION: `26` is no supported version",
            ),
        ] {
            let refusal = refusal(environment, file);
            assert!(refusal.starts_with(line), "{refusal}");
            assert_eq!(refusal.lines().count(), 1);
        }
    }
}
