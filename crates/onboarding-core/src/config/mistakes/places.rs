//! Countries that are none, and phone numbers that nobody can have.

use super::Findings;
use crate::{CountryCode, PhoneNumber};

/// Refuses two letters that are no country: no number there could ever be a client's or a company's.
pub(super) fn check_country(country: CountryCode, path: impl Into<String>, findings: &mut Findings) {
    if country.calling_code().is_none() {
        let message = format!("no country has the code {country}; write one of ISO 3166, for example HK");
        findings.add(path, message);
    }
}

/// Refuses a number whose calling code or length no number has. The number may be a client's: it is not repeated.
pub(super) fn check_possible(number: &PhoneNumber, path: impl Into<String>, findings: &mut Findings) {
    if number.is_possible() {
        return;
    }
    let message = match number.calling_code() {
        None => "no country has the calling code that this number begins with; correct it".to_owned(),
        Some(code) => {
            format!(
                "a number of +{code} is not as long as this one; write the calling code once, and every digit"
            )
        }
    };
    findings.add(path, message);
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{after, phone},
        *,
    };

    fn country(code: &str) -> CountryCode {
        CountryCode::parse(code).unwrap()
    }

    #[test]
    fn a_country_must_be_one() {
        let found = after(|config| {
            config.settings.country = country("XX");
            config.pools[0].default_country = Some(country("UK"));
            config.pools[0].geography_mapping = [("MO", "HK"), ("CN", "HX"), ("ZZ", "HK")]
                .map(|(from, to)| (country(from), country(to)))
                .into();
        });
        assert_eq!(
            found,
            [
                "company.country: no country has the code XX; write one of ISO 3166, for example HK",
                "pools[0].default_country: no country has the code UK; write one of ISO 3166, for example HK",
                "pools[0].geography_mapping.CN: no country has the code HX; write one of ISO 3166, for example HK",
                "pools[0].geography_mapping.ZZ: no country has the code ZZ; write one of ISO 3166, for example HK",
            ]
        );
    }

    #[test]
    fn a_number_must_be_possible_and_is_not_repeated() {
        let found = after(|config| {
            config.official_accounts[0].phone_number = phone("+8525642803599");
            config.pools[0].primary = phone("+8525642803599");
            config.client_profiles[0].phone_number = Some(phone("+9991234567"));
        });
        assert_eq!(
            found,
            [
                "client_profiles[0].phone_number: no country has the calling code that this number begins with; \
                 correct it",
                "official_accounts[0].phone_number: a number of +852 is not as long as this one; write the calling \
                 code once, and every digit",
            ]
        );
    }

    #[test]
    fn a_pool_that_only_drains_is_of_no_use() {
        let found = after(|config| config.pools[0].draining = config.pools[0].secondaries.clone());
        assert_eq!(
            found,
            [
                "pools[0].draining: every secondary of the pool is draining, so no conversation could open; leave one \
                 out, add another number, or take the pool away"
            ]
        );
    }
}
