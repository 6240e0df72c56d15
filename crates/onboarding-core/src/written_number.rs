//! Phone numbers in what people write.

use crate::{PhoneNumber, extension::normalise};

/// A number that somebody wrote, in whatever form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenNumber {
    digits: String,
    /// Whether it was written with `+` or `00`, so that nothing stands before the digits.
    international: bool,
}

impl WrittenNumber {
    /// The first number of at least eight digits in the text, or of seven after a `+`. Dates, and digits behind a `#` or
    /// within a word, are none.
    pub fn first_in(text: &str) -> Option<Self> {
        let normal = normalise(text);
        let mut rest = normal.as_str();
        let mut before = None;
        while let Some(start) = rest.chars().next() {
            let begins = match start {
                '+' => !before.is_some_and(|c: char| c.is_ascii_alphanumeric() || c == '#'),
                digit => digit.is_ascii_digit() && !before.is_some_and(belongs),
            };
            let (number, length) = if begins {
                read(rest)
            } else {
                (None, start.len_utf8())
            };
            if number.is_some() {
                return number;
            }
            before = rest[..length].chars().next_back();
            rest = &rest[length..];
        }
        None
    }

    /// The digits, with country code where the writer gave one.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// Whether it is this number. Without a country code it is taken for one of the country with this calling code.
    pub fn is(&self, number: &PhoneNumber, calling_code: Option<u16>) -> bool {
        let local = |code: u16| format!("{code}{}", self.digits.trim_start_matches('0'));
        self.digits == number.digits()
            || (!self.international && calling_code.is_some_and(|code| local(code) == number.digits()))
    }
}

/// What glues the digits behind it to a word, an extension or another number.
fn belongs(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '#' | '+' | '.' | '_' | '-' | '/' | ':' | '@')
}

/// The number at the start, if it is one, and how far it reaches.
fn read(text: &str) -> (Option<WrittenNumber>, usize) {
    let plus = text.starts_with('+');
    let mut groups = vec![String::new()];
    let mut end = usize::from(plus);
    let mut gap = 0;
    for (at, c) in text.char_indices().skip(usize::from(plus)) {
        if c.is_ascii_digit() {
            if gap > 0 && groups.last().is_some_and(|group| !group.is_empty()) {
                groups.push(String::new());
            }
            gap = 0;
            end = at + 1;
            groups.last_mut().into_iter().for_each(|group| group.push(c));
        } else if matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{2010}' | '\u{2011}') && gap < 2 {
            gap += 1;
        } else {
            break;
        }
    }
    let digits = groups.concat();
    let (digits, zeros) = match digits.strip_prefix("00") {
        Some(rest) if !plus => (rest.to_owned(), true),
        _ => (digits, false),
    };
    let international = plus || zeros;
    let least = if international { 7 } else { 8 };
    let goes_on = text[end..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@');
    let is_number = (least..=15).contains(&digits.len())
        && !digits.bytes().all(|b| b == b'0')
        && (international || !is_date(&groups))
        && !goes_on;
    let number = is_number.then_some(WrittenNumber {
        digits,
        international,
    });
    (number, end.max(1))
}

/// `2026-11-23` or `23.11.2026`, with or without a time behind it.
fn is_date(groups: &[String]) -> bool {
    let lengths: Vec<_> = groups.iter().take(3).map(String::len).collect();
    matches!(lengths.as_slice(), [4, 1..=2, 1..=2] | [1..=2, 1..=2, 4])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digits(text: &str) -> Option<String> {
        WrittenNumber::first_in(text).map(|number| number.digits)
    }

    #[test]
    fn a_number_is_found_in_any_wording_and_form() {
        for text in [
            "is +85251079302 yours?",
            "+852 5107 9302",
            "Hi, somebody wrote to me from +852-5107-9302. Is that you?",
            "00852 5107 9302 – yours?",
            "\u{202a}+852 5107 9302\u{202c}",
            "＋８５２ ５１０７ ９３０２ 是你們的嗎？",
            "(+852) 5107 9302",
            "tel:+85251079302 is that so",
            "85251079302?",
            "請問+85251079302是你們的嗎",
            "號碼85251079302是你們的嗎",
        ] {
            assert_eq!(digits(text).as_deref(), Some("85251079302"), "{text:?}");
        }
    }

    #[test]
    fn extensions_dates_and_short_numbers_are_none() {
        for text in [
            "#85251079302",
            "#dom123456789",
            "on 2026-11-23 10:00",
            "23.11.2026 at 9",
            "call me at 5",
            "order A85251079302",
            "no 1234567",
            "+123",
            "mail 85251079302@example.com",
            "0000000000",
            "12345678901234567890",
            "",
        ] {
            assert_eq!(digits(text), None, "{text:?}");
        }
    }

    #[test]
    fn without_a_country_code_it_is_one_of_the_clients_country() {
        let ours = PhoneNumber::parse("+85251079302").unwrap();
        let local = WrittenNumber::first_in("is 5107 9302 yours").unwrap();
        assert!(local.is(&ours, Some(852)));
        assert!(!local.is(&ours, Some(44)) && !local.is(&ours, None));
        let foreign = WrittenNumber::first_in("is +44 5107 9302 yours").unwrap();
        assert!(
            !foreign.is(&ours, Some(852)),
            "the end of a number is not the number"
        );
    }

    proptest! {
        #[test]
        fn what_it_finds_is_a_number_whatever_is_written(text in any::<String>()) {
            if let Some(found) = WrittenNumber::first_in(&text) {
                prop_assert!((7..=15).contains(&found.digits.len()));
                prop_assert!(found.digits.bytes().all(|b| b.is_ascii_digit()));
            }
        }
    }
}
