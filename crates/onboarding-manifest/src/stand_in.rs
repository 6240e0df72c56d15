//! Values in the place of those that could not be read.
//!
//! They let the reading go on and never leave the crate: a manifest with anything unreadable is refused. They are
//! unlike what people write; that they are like each other does no harm, because nothing more is said of a place
//! where one stands.

use onboarding_core::{
    CompanyId, CountryCode, ExternalCompanyId, ExternalSubject, Issuer, Language, OrgUnitId, PhoneNumber,
    PoolId, ProfileField, SecretRef, TenantId,
};

/// A type with a stand-in.
pub(crate) trait StandIn {
    /// The value.
    fn stand_in() -> Self;
}

macro_rules! slugs {
    ($($name:ident),+) => {$(
        impl StandIn for $name {
            fn stand_in() -> Self {
                Self::parse("0-unread").expect("digits, letters and a dash make a slug")
            }
        }
    )+};
}

slugs!(CompanyId, ExternalCompanyId, OrgUnitId, PoolId);

impl StandIn for ProfileField {
    fn stand_in() -> Self {
        Self::Name
    }
}

impl StandIn for String {
    fn stand_in() -> Self {
        "unread".to_owned()
    }
}

impl StandIn for PhoneNumber {
    fn stand_in() -> Self {
        Self::parse("+100000000000000").expect("15 digits make a number")
    }
}

impl StandIn for CountryCode {
    fn stand_in() -> Self {
        Self::parse("ZZ").expect("two letters make a country code")
    }
}

impl StandIn for Language {
    fn stand_in() -> Self {
        Self::parse("qaa").expect("a private language makes a tag")
    }
}

impl StandIn for SecretRef {
    fn stand_in() -> Self {
        Self::Env("UNREAD".to_owned())
    }
}

impl StandIn for Issuer {
    fn stand_in() -> Self {
        Self::parse("https://unread.invalid").expect("an address makes an issuer")
    }
}

impl StandIn for ExternalSubject {
    fn stand_in() -> Self {
        Self::parse("unread").expect("letters make a subject")
    }
}

impl StandIn for TenantId {
    fn stand_in() -> Self {
        Self::parse("00000000-0000-0000-0000-000000000000").expect("digits make a tenant")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_one_can_be_made() {
        let _ = (
            PhoneNumber::stand_in(),
            Language::stand_in(),
            CountryCode::stand_in(),
        );
        let _ = (
            CompanyId::stand_in(),
            ExternalCompanyId::stand_in(),
            OrgUnitId::stand_in(),
            PoolId::stand_in(),
        );
        let _ = (
            Issuer::stand_in(),
            ExternalSubject::stand_in(),
            TenantId::stand_in(),
        );
    }
}
