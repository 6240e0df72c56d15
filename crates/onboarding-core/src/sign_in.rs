//! How the people of a company sign in, and by which names others know them.

use std::fmt;

use uuid::Uuid;

use crate::{SecretRef, named::named_enum};

/// Characters of an issuer at the most.
const LONGEST_ISSUER: usize = 255;

/// Characters of a subject at the most (OpenID Connect Core 1.0, 2: `sub`).
const LONGEST_SUBJECT: usize = 255;

/// How the people of a company sign in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignInSettings {
    /// Who says who people are; without one they have passwords.
    pub provider: Option<IdentityProvider>,
    /// Whether there are passwords beside the provider.
    pub local_accounts: bool,
    /// From where Microsoft Teams may send its people.
    pub teams: Option<TeamsSignIn>,
}

impl SignInSettings {
    /// Whether people may have passwords: where nobody else says who they are, and where the company wants both.
    pub fn has_local_accounts(&self) -> bool {
        self.local_accounts || self.provider.is_none()
    }
}

/// An OpenID Connect provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProvider {
    /// Its name, under which its configuration is found.
    pub issuer: Issuer,
    /// The name under which it knows us.
    pub client_id: String,
    /// Where the secret is with which we show that it is us.
    pub client_secret: SecretRef,
    /// By what it names people for good.
    pub subject_claim: SubjectClaim,
    /// It asks everybody for a second factor, so that its word counts for one. Otherwise only a token counts that says so
    /// (`amr` with `mfa`, RFC 8176).
    pub second_factor: bool,
}

named_enum! {
    /// By what a provider names people for good.
    SubjectClaim {
        /// What every provider has.
        Sub = "sub",
        /// The object id of Microsoft Entra ID, whose `sub` is another for each application.
        Oid = "oid",
    }
}

/// From where Microsoft Teams may send its people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamsSignIn {
    /// The company's directory.
    pub tenant: TenantId,
    /// For whom tokens must be: the id of our application, as v2 tokens have it.
    pub audience: String,
}

/// A directory of Microsoft Entra ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(Uuid);

/// Why a text is no [`TenantId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no tenant id; write the directory's as 72f988bf-86f1-41af-91ab-2d7cd011db47")]
pub struct InvalidTenantId;

impl TenantId {
    /// Parses the id with its dashes.
    pub fn parse(text: &str) -> Result<Self, InvalidTenantId> {
        let id = Uuid::try_parse(text).ok().filter(|_| text.len() == 36);
        id.map(Self).ok_or(InvalidTenantId)
    }

    /// The issuer of this directory's v2 tokens, below the address where Microsoft signs people in.
    pub fn issuer(self, authority: &str) -> Result<Issuer, InvalidIssuer> {
        Issuer::parse(&format!("{}/{self}/v2.0", authority.trim_end_matches('/')))
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.hyphenated(), f)
    }
}

/// The name of an OpenID Connect provider: an address, compared letter by letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Issuer(String);

/// Why a text is no [`Issuer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no issuer; write its address as https://login.example.com/tenant, without `?`, `#` or a name before the host"
)]
pub struct InvalidIssuer;

impl Issuer {
    /// Parses it. By plain HTTP only this machine may be one: keys that come over an open wire prove nothing.
    pub fn parse(text: &str) -> Result<Self, InvalidIssuer> {
        let odd = |c: char| !c.is_ascii_graphic() || matches!(c, '?' | '#' | '@' | '\\' | '"' | '<' | '>');
        if text.len() > LONGEST_ISSUER || text.contains(odd) {
            return Err(InvalidIssuer);
        }
        let secure = text.strip_prefix("https://");
        let rest = secure
            .or_else(|| text.strip_prefix("http://"))
            .ok_or(InvalidIssuer)?;
        let host = rest.split('/').next().unwrap_or_default();
        if host.is_empty() || (secure.is_none() && !is_loopback(host)) {
            return Err(InvalidIssuer);
        }
        Ok(Self(text.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        is_loopback(rest.split('/').next().unwrap_or_default())
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    matches!(name, "127.0.0.1" | "::1" | "localhost")
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// By what a provider names somebody for good; compared letter by letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalSubject(String);

/// Why a text is no [`ExternalSubject`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no subject; write 1 to {LONGEST_SUBJECT} ASCII characters, as the provider names the user")]
pub struct InvalidExternalSubject;

impl ExternalSubject {
    /// Parses it.
    pub fn parse(text: &str) -> Result<Self, InvalidExternalSubject> {
        let plain = |c: char| c.is_ascii_graphic() || c == ' ';
        let valid =
            (1..=LONGEST_SUBJECT).contains(&text.len()) && text.trim() == text && text.chars().all(plain);
        valid.then(|| Self(text.to_owned())).ok_or(InvalidExternalSubject)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExternalSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Under which name which provider knows somebody. Never an e-mail address: those change hands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalIdentity {
    /// The provider.
    pub issuer: Issuer,
    /// The name.
    pub subject: ExternalSubject,
}

impl fmt::Display for ExternalIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.subject, self.issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_reached_securely_or_on_this_machine() {
        for good in [
            "https://login.example.com",
            "https://login.example.com/",
            "https://login.example.com:8443/realms/acme",
            "http://127.0.0.1:3000",
            "http://[::1]:3000/x",
            "http://localhost/oidc",
        ] {
            assert_eq!(
                Issuer::parse(good).map(|issuer| issuer.to_string()),
                Ok(good.to_owned())
            );
        }
        for bad in [
            "",
            "login.example.com",
            "https://",
            "https:///x",
            "http://login.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://localhost@login.example.com",
            "https://login.example.com?x",
            "https://login.example.com#x",
            "https://a b",
            "ftp://127.0.0.1",
        ] {
            assert_eq!(Issuer::parse(bad), Err(InvalidIssuer), "{bad}");
        }
    }

    #[test]
    fn passwords_are_there_without_a_provider_or_where_the_company_wants_them() {
        let mut settings = SignInSettings::default();
        assert!(settings.has_local_accounts());
        settings.provider = Some(IdentityProvider {
            issuer: Issuer::parse("https://login.example.com").unwrap(),
            client_id: "onboarding".to_owned(),
            client_secret: SecretRef::Env("SECRET".to_owned()),
            subject_claim: SubjectClaim::Sub,
            second_factor: false,
        });
        assert!(!settings.has_local_accounts());
        settings.local_accounts = true;
        assert!(settings.has_local_accounts());
    }

    #[test]
    fn a_tenant_has_an_issuer_of_its_own() {
        let tenant = TenantId::parse("72F988BF-86f1-41af-91ab-2d7cd011db47").unwrap();
        assert_eq!(
            tenant
                .issuer("https://login.microsoftonline.com/")
                .unwrap()
                .as_str(),
            "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0"
        );
        for bad in ["common", "organizations", "72f988bf86f141af91ab2d7cd011db47", ""] {
            assert_eq!(TenantId::parse(bad), Err(InvalidTenantId), "{bad}");
        }
    }

    #[test]
    fn subjects_are_what_providers_may_send() {
        assert!(ExternalSubject::parse("00u1a2b3c4|Dom AM").is_ok());
        assert!(ExternalSubject::parse(&"x".repeat(255)).is_ok());
        for bad in ["", " x", "x\n", "é", &"x".repeat(256)] {
            assert_eq!(ExternalSubject::parse(bad), Err(InvalidExternalSubject));
        }
    }
}
