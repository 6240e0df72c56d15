//! Phone numbers: what people configure, what WhatsApp gives, and how the two are compared.

use std::fmt;

use crate::CountryCode;

/// A phone number in E.164 form with its `+`, as it stands in a manifest or on our own numbers.
///
/// Only the shape is checked (`+`, then 7 to 15 digits, the first not zero): Google's metadata calls
/// numbers invalid that WhatsApp really uses.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// Why a string is not a [`PhoneNumber`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a phone number in international form: write + and 7 to 15 digits, for example +85256428035")]
pub struct InvalidPhoneNumber;

impl PhoneNumber {
    /// Parses `+` and digits; spaces, dots, dashes and brackets between them are dropped.
    pub fn parse(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let rest = text.trim().strip_prefix('+').ok_or(InvalidPhoneNumber)?;
        let digits: String = rest
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')'))
            .collect();
        if is_international(&digits) {
            Ok(Self(format!("+{digits}")))
        } else {
            Err(InvalidPhoneNumber)
        }
    }

    /// With its `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the `+`, as `wa.me` links want it.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }

    /// See [`WaId::match_key`].
    pub fn match_key(&self) -> String {
        match_key(self.digits())
    }

    /// The country calling code, for the country rungs of the allocation ladder.
    pub fn calling_code(&self) -> Option<u16> {
        calling_code(&self.0)
    }

    /// The country that the number belongs to, where the numbering plan tells.
    pub fn country(&self) -> Option<CountryCode> {
        country(&self.0)
    }
}

fn is_international(digits: &str) -> bool {
    (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Personal data: the last two digits only.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        redacted(f, "PhoneNumber", &self.0)
    }
}

/// A client's phone as WhatsApp gave it: digits, stored and replied to exactly so.
///
/// It is never rewritten or validated: WhatsApp's own forms for Brazil, Mexico and Argentina differ from
/// the dialled ones. Two ids are compared by [`WaId::match_key`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WaId(String);

impl WaId {
    /// Takes what WhatsApp sent; `None` for anything without a digit or longer than 32 characters.
    pub fn from_whatsapp(text: &str) -> Option<Self> {
        let digits = text.trim().trim_start_matches('+');
        let plausible =
            !digits.is_empty() && digits.len() <= 32 && digits.bytes().all(|b| b.is_ascii_digit());
        plausible.then(|| Self(digits.to_owned()))
    }

    /// The digits as received.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key under which numbers of one person are found again: Brazil without the 9 after the area
    /// code, Mexico without the 1 after 52, Argentina without the 9 after 54 (Meta: phone number formats).
    pub fn match_key(&self) -> String {
        match_key(&self.0)
    }

    /// The country calling code.
    pub fn calling_code(&self) -> Option<u16> {
        calling_code(&format!("+{}", self.0))
    }

    /// The country that the number belongs to, where the numbering plan tells.
    pub fn country(&self) -> Option<CountryCode> {
        country(&format!("+{}", self.0))
    }
}

impl fmt::Display for WaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Personal data: the last two digits only.
impl fmt::Debug for WaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        redacted(f, "WaId", &self.0)
    }
}

fn redacted(f: &mut fmt::Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    write!(f, "{name}(…{})", &value[value.len().saturating_sub(2)..])
}

fn match_key(digits: &str) -> String {
    let drop_at = |index: usize| format!("{}{}", &digits[..index], &digits[index + 1..]);
    match (digits.get(..2), digits.len()) {
        // +55, two digits of area, 9, eight digits: the 9 came with the reform of mobile numbers.
        (Some("55"), 13) if digits.as_bytes()[4] == b'9' => drop_at(4),
        (Some("52"), 13) if digits.as_bytes()[2] == b'1' => drop_at(2),
        (Some("54"), 13) if digits.as_bytes()[2] == b'9' => drop_at(2),
        _ => digits.to_owned(),
    }
}

// The metadata library serves for the country only: it drops digits of some countries' numbers, so its
// idea of the number itself is never used.
fn parse_for_country(with_plus: &str) -> Option<phonenumber::PhoneNumber> {
    phonenumber::parse(None, with_plus).ok()
}

fn calling_code(with_plus: &str) -> Option<u16> {
    parse_for_country(with_plus).map(|number| number.country().code())
}

fn country(with_plus: &str) -> Option<CountryCode> {
    let id = parse_for_country(with_plus)?.country().id()?;
    CountryCode::parse(id.as_ref()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configured_numbers_are_e164() {
        assert_eq!(
            PhoneNumber::parse("+852 5642-8035").map(|n| n.to_string()),
            Ok("+85256428035".into())
        );
        for bad in [
            "85256428035",
            "+0852564280",
            "+85256",
            "+8525642803512345",
            "+852 5642 803x",
            "+٨٥٢٥٦٤٢٨٠٣٥",
            "",
        ] {
            assert_eq!(PhoneNumber::parse(bad), Err(InvalidPhoneNumber), "{bad}");
        }
    }

    #[test]
    fn variants_of_one_person_share_a_key_and_others_do_not() {
        let key = |digits: &str| WaId::from_whatsapp(digits).unwrap().match_key();
        assert_eq!(key("5541987654321"), key("554187654321"));
        assert_eq!(key("5215512345678"), key("525512345678"));
        assert_eq!(key("5491123456789"), key("541123456789"));
        assert_ne!(key("5541987654321"), key("5541987654322"));
        assert_eq!(key("85291234567"), "85291234567");
    }

    #[test]
    fn country_and_calling_code_come_from_the_number() {
        let hong_kong = PhoneNumber::parse("+85291234567").unwrap();
        assert_eq!(hong_kong.calling_code(), Some(852));
        assert_eq!(hong_kong.country().map(|c| c.to_string()), Some("HK".into()));
        assert_eq!(
            WaId::from_whatsapp("16135550123").unwrap().calling_code(),
            Some(1)
        );
    }

    #[test]
    fn debug_shows_no_number() {
        let shown = format!("{:?}", PhoneNumber::parse("+85291234567").unwrap());
        assert_eq!(shown, "PhoneNumber(…67)");
    }
}
