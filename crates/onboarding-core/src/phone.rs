//! Phone numbers: what people configure, what WhatsApp gives, and how the two are compared.

use std::fmt;

use phonenumber::metadata::{DATABASE, Descriptor, Metadata};

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
        calling_code(self.digits())
    }

    /// The country that the number belongs to; the main one of its calling code where the number does not tell.
    pub fn country(&self) -> Option<CountryCode> {
        country(self.digits())
    }

    /// Whether anybody could have it: its calling code is in use and it is as long as numbers there are. More is not
    /// asked, because the forms that WhatsApp uses in Brazil, Mexico and Argentina are invalid to numbering plans.
    pub fn is_possible(&self) -> bool {
        is_possible(self.digits())
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
    /// code, Mexico without the 1 after 52, Argentina without the 9 after 54 (Meta: phone number formats) and without
    /// the 15 behind the area code, which people write down.
    pub fn match_key(&self) -> String {
        match_key(&self.0)
    }

    /// The country calling code.
    pub fn calling_code(&self) -> Option<u16> {
        calling_code(&self.0)
    }

    /// The country that the number belongs to; the main one of its calling code where the number does not tell.
    pub fn country(&self) -> Option<CountryCode> {
        country(&self.0)
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
    let without =
        |places: std::ops::Range<usize>| format!("{}{}", &digits[..places.start], &digits[places.end..]);
    let at = |place: usize| digits.as_bytes()[place];
    match (digits.get(..2), digits.len()) {
        // +55, two digits of area, 9, eight digits: the 9 came with the reform of mobile numbers, which had begun with 6 to
        // 9. A landline begins with 2 to 5, and a mobile with a 9 before those is somebody else's.
        (Some("55"), 13) if at(4) == b'9' && at(5) >= b'6' => without(4..5),
        (Some("52"), 13) if at(2) == b'1' => without(2..3),
        (Some("54"), 13 | 15) if at(2) == b'9' => match_key(&without(2..3)),
        (Some("54"), 14) => argentine_15(digits).map_or_else(|| digits.to_owned(), without),
        _ => digits.to_owned(),
    }
}

/// Where an Argentine number holds the 15 that mobiles are dialled with at home: behind the area code, which has two
/// digits in Buenos Aires and three or four elsewhere. The number without it has ten digits, so at most one place fits.
fn argentine_15(digits: &str) -> Option<std::ops::Range<usize>> {
    let places: &[usize] = if digits.starts_with("5411") { &[4] } else { &[5, 6] };
    let place = places
        .iter()
        .find(|place| digits.get(**place..**place + 2) == Some("15"));
    place.map(|place| *place..*place + 2)
}

// The metadata library serves for calling codes, countries and lengths only: it drops digits of some countries'
// numbers and calls forms invalid that WhatsApp uses, so its idea of the number itself is never used.

/// The countries that share the calling code which the digits begin with, and that code. No code is the beginning of
/// another.
fn numbering_plan(digits: &str) -> Option<(u16, Vec<&'static Metadata>)> {
    (1..=3).find_map(|length| {
        let code = digits.get(..length)?.parse().ok()?;
        Some((code, DATABASE.by_code(&code)?))
    })
}

fn calling_code(digits: &str) -> Option<u16> {
    Some(numbering_plan(digits)?.0)
}

fn country(digits: &str) -> Option<CountryCode> {
    let (_, countries) = numbering_plan(digits)?;
    if let [only] = countries.as_slice() {
        return CountryCode::parse(only.id()).ok();
    }
    let parsed = phonenumber::parse(None, format!("+{digits}")).ok();
    let told = parsed.and_then(|number| CountryCode::parse(number.country().id()?.as_ref()).ok());
    told.or_else(|| {
        let main = countries.iter().find(|one| one.is_main_country_for_code())?;
        CountryCode::parse(main.id()).ok()
    })
}

/// How long numbers of the country are on which somebody can be called.
fn lengths(country: &Metadata) -> Vec<u16> {
    let kinds = country.descriptors();
    let lines = [
        kinds.mobile(),
        kinds.fixed_line(),
        kinds.voip(),
        kinds.toll_free(),
        kinds.personal_number(),
    ];
    let told: Vec<_> = lines
        .into_iter()
        .flatten()
        .map(Descriptor::possible_length)
        .collect();
    if told.is_empty() || told.contains(&[].as_slice()) {
        // A kind that names no length of its own has every length that there is.
        return kinds.general().possible_length().to_vec();
    }
    told.concat()
}

fn is_possible(digits: &str) -> bool {
    let Some((code, countries)) = numbering_plan(digits) else {
        return false;
    };
    let possible: Vec<_> = countries.into_iter().flat_map(lengths).collect();
    let fits = |all: &str| {
        let national = all.len() - code.to_string().len();
        possible.is_empty() || possible.iter().any(|length| usize::from(*length) == national)
    };
    fits(digits) || fits(&match_key(digits))
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
    fn the_forms_that_whatsapp_uses_have_a_country_and_a_calling_code() {
        for (digits, expected) in [
            ("554187654321", (55, "BR")),
            ("5541987654321", (55, "BR")),
            ("5215512345678", (52, "MX")),
            ("525512345678", (52, "MX")),
            ("5491123456789", (54, "AR")),
            ("541123456789", (54, "AR")),
            ("78001234567", (7, "RU")),
            ("77011234567", (7, "KZ")),
            ("16135550123", (1, "CA")),
            ("15550783881", (1, "US")),
            ("447700900001", (44, "GB")),
        ] {
            let id = WaId::from_whatsapp(digits).unwrap();
            let told = (
                id.calling_code().unwrap(),
                id.country()
                    .map_or_else(String::new, |country| country.to_string()),
            );
            assert_eq!(told, (expected.0, expected.1.to_owned()), "{digits}");
            assert!(
                PhoneNumber::parse(&format!("+{digits}")).unwrap().is_possible(),
                "{digits}"
            );
        }
    }

    #[test]
    fn a_number_that_nobody_can_have_is_told() {
        for digits in [
            "+9991234567",
            "+8529123456789",
            "+165055501234",
            "+4412345",
            "+2101234567",
        ] {
            assert!(!PhoneNumber::parse(digits).unwrap().is_possible(), "{digits}");
        }
        let nowhere = WaId::from_whatsapp("9991234567").unwrap();
        assert_eq!((nowhere.calling_code(), nowhere.country()), (None, None));
    }

    #[test]
    fn debug_shows_no_number() {
        let shown = format!("{:?}", PhoneNumber::parse("+85291234567").unwrap());
        assert_eq!(shown, "PhoneNumber(…67)");
    }
}
