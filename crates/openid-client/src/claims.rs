//! What a token says, and whether that is what was asked for.

use serde::Deserialize;

/// Seconds by which clocks may differ.
pub const LEEWAY: i64 = 60;

/// What a token says whose signature is right. It is not believed before [`Expected::judge`] took it.
#[derive(Clone, Deserialize)]
pub struct Claims {
    iss: String,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    azp: Option<String>,
    nonce: Option<String>,
    ver: Option<String>,
    scp: Option<String>,
    tid: Option<String>,
    sub: Option<String>,
    oid: Option<String>,
    amr: Option<Vec<String>>,
}

/// One or several for whom a token is.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn is_only(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Several(all) => !all.is_empty() && all.iter().all(|one| one == wanted),
        }
    }
}

impl Claims {
    /// `sub`: the provider's name for somebody; at some providers another one for each application.
    pub fn subject(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// `oid`: the object id of Microsoft Entra ID.
    pub fn object_id(&self) -> Option<&str> {
        self.oid.as_deref()
    }

    /// Whether it says that more than one factor was shown (`amr` with `mfa`, RFC 8176).
    pub fn has_second_factor(&self) -> bool {
        let shown = self.amr.iter().flatten();
        shown.into_iter().any(|one| one == "mfa")
    }
}

impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Claims(…)")
    }
}

/// What a token has to say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who made it, to the letter.
    pub issuer: &'a str,
    /// For whom it is, and for nobody else.
    pub audience: &'a str,
    /// What kind of token.
    pub kind: Kind<'a>,
}

/// A kind of token.
#[derive(Debug, Clone, Copy)]
pub enum Kind<'a> {
    /// An ID token, made for the sign-in with this nonce.
    Id {
        /// What was sent with the browser.
        nonce: &'a str,
    },
    /// An access token of Microsoft Entra ID, version 2.0, for a user of one directory.
    Entra {
        /// The directory.
        tenant: &'a str,
        /// What it has to allow, among others.
        scope: &'a str,
    },
}

/// Why a token is refused. It names what was wrong and nothing that the token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No token, or one that cannot be read.
    #[error("the token cannot be read")]
    Unreadable,
    /// `none`, a shared secret, or unknown.
    #[error("the algorithm of the signature is not allowed")]
    Algorithm,
    /// Signed with a key that the provider does not have.
    #[error("the key is none of the provider's")]
    Key,
    /// Signed by somebody else, or changed.
    #[error("the signature is wrong")]
    Signature,
    /// Somebody else made it.
    #[error("the issuer is another")]
    Issuer,
    /// It is for somebody else.
    #[error("the audience is another")]
    Audience,
    /// Somebody else asked for it.
    #[error("the authorised party is another")]
    Party,
    /// It is over.
    #[error("it has expired")]
    Expired,
    /// It is not good yet, or was made later than now.
    #[error("it is not valid yet")]
    TooEarly,
    /// It belongs to no sign-in.
    #[error("the nonce is missing")]
    NoNonce,
    /// It belongs to another sign-in.
    #[error("the nonce is another")]
    Nonce,
    /// A user of another directory.
    #[error("the tenant is another")]
    Tenant,
    /// Not version 2.0.
    #[error("the version is another")]
    Version,
    /// It does not allow what is needed.
    #[error("the scope is missing")]
    Scope,
}

impl Expected<'_> {
    /// Whether the claims are what was asked for, at this time.
    pub fn judge(&self, claims: &Claims, now: i64) -> Result<(), Refusal> {
        let must = |right: bool, refusal: Refusal| if right { Ok(()) } else { Err(refusal) };
        must(claims.iss == self.issuer, Refusal::Issuer)?;
        must(claims.aud.is_only(self.audience), Refusal::Audience)?;
        must(now < claims.exp.saturating_add(LEEWAY), Refusal::Expired)?;
        let begun = |at: i64| at <= now.saturating_add(LEEWAY);
        must(claims.nbf.is_none_or(begun), Refusal::TooEarly)?;
        must(claims.iat.is_none_or(begun), Refusal::TooEarly)?;
        match self.kind {
            Kind::Id { nonce } => {
                // OpenID Connect Core 1.0, 2: an ID token says when it was made.
                must(claims.iat.is_some(), Refusal::Unreadable)?;
                let party = claims.azp.as_deref();
                must(party.is_none_or(|party| party == self.audience), Refusal::Party)?;
                let shown = claims.nonce.as_deref().ok_or(Refusal::NoNonce)?;
                must(shown == nonce, Refusal::Nonce)
            }
            Kind::Entra { tenant, scope } => {
                let same = |shown: &str| shown.eq_ignore_ascii_case(tenant);
                must(claims.tid.as_deref().is_some_and(same), Refusal::Tenant)?;
                must(claims.ver.as_deref() == Some("2.0"), Refusal::Version)?;
                let mut allowed = claims.scp.as_deref().unwrap_or_default().split(' ');
                must(allowed.any(|one| one == scope), Refusal::Scope)
            }
        }
    }
}

/// The directory that a token says it is from. Nothing is proven yet: it tells only whom to ask for keys.
pub fn unproven_tenant(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct From {
        tid: Option<String>,
    }
    let from: From = crate::token::unproven(token)?;
    from.tid
}
