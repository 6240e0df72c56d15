//! Values in the place of those that could not be read.
//!
//! They let the reading go on and never leave the crate: a manifest with anything unreadable is refused. Each is
//! unlike every other, so that none of them is taken for a repetition.

use onboarding_core::{
    CompanyId, CountryCode, ExternalCompanyId, Language, OrgUnitId, PhoneNumber, PoolId, SecretRef,
};

/// A type with stand-ins.
pub(crate) trait StandIn {
    /// The `number`th.
    fn stand_in(number: u32) -> Self;
}

macro_rules! slugs {
    ($($name:ident),+) => {$(
        impl StandIn for $name {
            fn stand_in(number: u32) -> Self {
                Self::parse(&format!("0-unread-{number}")).expect("letters, digits and dashes make a slug")
            }
        }
    )+};
}

slugs!(CompanyId, ExternalCompanyId, OrgUnitId, PoolId);

impl StandIn for String {
    fn stand_in(number: u32) -> Self {
        format!("unread {number}")
    }
}

impl StandIn for PhoneNumber {
    fn stand_in(number: u32) -> Self {
        Self::parse(&format!("+1000{number:010}")).expect("14 digits make a number")
    }
}

impl StandIn for CountryCode {
    fn stand_in(_: u32) -> Self {
        Self::parse("ZZ").expect("two letters make a country code")
    }
}

impl StandIn for Language {
    fn stand_in(number: u32) -> Self {
        let variant = format!("u{:07}", number % 10_000_000);
        Self::parse(&format!("qaa-{variant}")).expect("a private language with a variant makes a tag")
    }
}

impl StandIn for SecretRef {
    fn stand_in(_: u32) -> Self {
        Self::Env("UNREAD".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_for_every_number_of_values() {
        for number in [0, 1, u32::MAX] {
            PhoneNumber::stand_in(number);
            Language::stand_in(number);
            OrgUnitId::stand_in(number);
            CountryCode::stand_in(number);
        }
        assert_ne!(Language::stand_in(1), Language::stand_in(2));
    }
}
