//! The forms in which one phone is written, in the countries where WhatsApp, people and numbering plans disagree: any
//! two spellings of one subscriber lead to one client, and two subscribers never do.

use onboarding_core::{PhoneNumber, WaId};
use proptest::{prelude::*, string::string_regex};

fn key(digits: &str) -> String {
    WaId::from_whatsapp(digits).expect("digits").match_key()
}

/// Area code and the number there, ten digits together.
fn argentina() -> impl Strategy<Value = (String, String)> {
    let area = prop_oneof![
        Just("11"),
        Just("221"),
        Just("341"),
        Just("351"),
        Just("2215"),
        Just("3715"),
        Just("2904"),
    ];
    area.prop_flat_map(|area| {
        let rest = 9 - area.len();
        let number = string_regex(&format!("[2-9][0-9]{{{rest}}}")).expect("a pattern");
        (Just(area.to_owned()), number)
    })
}

/// As WhatsApp writes it, as it is dialled from abroad, with the 15 of calls at home, and with all of it.
fn argentine_spellings((area, number): &(String, String)) -> [String; 4] {
    [
        format!("549{area}{number}"),
        format!("54{area}{number}"),
        format!("54{area}15{number}"),
        format!("549{area}15{number}"),
    ]
}

proptest! {
    #[test]
    fn an_argentine_is_one_client_however_the_9_and_the_15_are_written(who in argentina(), other in argentina()) {
        let keys: Vec<_> = argentine_spellings(&who).iter().map(|spelling| key(spelling)).collect();
        prop_assert!(keys.iter().all(|one| *one == keys[0]), "{keys:?}");
        prop_assume!(format!("{}{}", who.0, who.1) != format!("{}{}", other.0, other.1));
        for spelling in argentine_spellings(&other) {
            prop_assert_ne!(key(&spelling), keys[0].clone());
        }
    }

    #[test]
    fn a_brazilian_mobile_is_one_client_with_and_without_the_ninth_digit(
        area in "[1-9][1-9]", number in "[6-9][0-9]{7}", other in "[6-9][0-9]{7}",
    ) {
        let [short, long] = [format!("55{area}{number}"), format!("55{area}9{number}")];
        prop_assert_eq!(key(&short), key(&long));
        prop_assume!(number != other);
        prop_assert_ne!(key(&format!("55{area}{other}")), key(&short));
        prop_assert_ne!(key(&format!("55{area}9{other}")), key(&short));
    }

    #[test]
    fn a_brazilian_landline_is_not_the_mobile_with_a_nine_before_the_same_digits(
        area in "[1-9][1-9]", number in "[2-5][0-9]{7}",
    ) {
        prop_assert_ne!(key(&format!("55{area}{number}")), key(&format!("55{area}9{number}")));
    }

    #[test]
    fn a_mexican_is_one_client_with_and_without_the_1(number in "[2-9][0-9]{9}", other in "[2-9][0-9]{9}") {
        prop_assert_eq!(key(&format!("52{number}")), key(&format!("521{number}")));
        prop_assume!(number != other);
        prop_assert_ne!(key(&format!("521{other}")), key(&format!("52{number}")));
    }

    #[test]
    fn elsewhere_nothing_is_left_out(digits in "[1-9][0-9]{6,14}") {
        prop_assume!(!["52", "54", "55"].contains(&&digits[..2]));
        prop_assert_eq!(key(&digits), digits);
    }

    #[test]
    fn what_people_record_is_compared_like_what_whatsapp_gives_and_neither_is_rewritten(
        digits in prop_oneof!["[1-9][0-9]{6,14}", "5[245]9?1?[0-9]{10,12}"],
    ) {
        prop_assume!(digits.len() <= 15);
        let given = WaId::from_whatsapp(&digits).unwrap();
        let recorded = PhoneNumber::parse(&format!("+{digits}")).unwrap();
        prop_assert_eq!(given.match_key(), recorded.match_key());
        prop_assert_eq!(given.as_str(), &digits);
        prop_assert_eq!(recorded.digits(), &digits);
        // The key of a key is the key: comparing compared numbers changes nothing.
        prop_assert_eq!(key(&given.match_key()), given.match_key());
    }
}

/// Failure 19: stores hold these keys. Whoever changes how they are made writes a migration that makes them again in both
/// databases, and changes this list with it; else every known client is a stranger after the upgrade.
#[test]
fn the_keys_that_stores_hold_are_made_as_they_always_were() {
    for (written, kept) in [
        ("85291234567", "85291234567"),
        ("447700900123", "447700900123"),
        ("16135550123", "16135550123"),
        ("78001234567", "78001234567"),
        ("554187654321", "554187654321"),
        ("5541987654321", "554187654321"),
        ("554132654321", "554132654321"),
        ("525512345678", "525512345678"),
        ("5215512345678", "525512345678"),
        ("541123456789", "541123456789"),
        ("5491123456789", "541123456789"),
        ("54111523456789", "541123456789"),
        ("5492215234567", "542215234567"),
    ] {
        assert_eq!(key(written), kept, "{written}");
    }
}
