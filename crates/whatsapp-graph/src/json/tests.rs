use proptest::prelude::*;

use super::*;

#[test]
fn surrogate_halves_are_replaced_and_pairs_kept() {
    let cases = [
        (r#""\ud83d\udc4b""#, "\u{1f44b}"),
        (r#""a\ud83db""#, "a\u{fffd}b"),
        (r#""\udc4b""#, "\u{fffd}"),
        (r#""\ud83d\ud83d\udc4b""#, "\u{fffd}\u{1f44b}"),
        (r#""\udc4b\ud83d""#, "\u{fffd}\u{fffd}"),
        (r#""\ud83d\n""#, "\u{fffd}\n"),
        // An escaped backslash followed by letters that only look like an escape.
        (r#""\\ud83d""#, r"\ud83d"),
        (r#""\\\ud83d""#, "\\\u{fffd}"),
        (r#""\"\uD83D""#, "\"\u{fffd}"),
        ("\"a\u{0}b\nc\"", "a\0b\nc"),
        (r#""\u0000""#, "\0"),
        ("\u{feff}\"bom\"", "bom"),
    ];
    for (json, want) in cases {
        assert_eq!(
            serde_json::from_str::<String>(&repair(json.as_bytes())).unwrap(),
            want,
            "{json}"
        );
    }
}

#[test]
fn sound_text_is_borrowed() {
    let text = br#"{"a":"\ud83d\udc4b \\ \" \u0000 \u00e9","b":"\/"}"#;
    assert!(matches!(repair(text), std::borrow::Cow::Borrowed(_)));
}

#[test]
fn members_are_read_whatever_their_type() {
    let json = r#"{"s":"x","n":12,"f":12.0,"big":1e999,"neg":-3,"ns":" 12 ","null":null,"o":{},"l":[1],"e":"",
        "t":true,"dup":1,"dup":"2","nul":"a\u0000b"}"#;
    let o = Object::parse(json).unwrap();
    assert_eq!(o.text("s").as_deref(), Some("x"));
    assert_eq!(o.text("n").as_deref(), Some("12"));
    assert_eq!(o.text("big").as_deref(), Some("1e999"));
    assert_eq!(o.text("dup").as_deref(), Some("2"));
    assert_eq!(o.text("nul").as_deref(), Some("a\u{fffd}b"));
    for absent in ["null", "o", "l", "e", "missing"] {
        assert_eq!(o.text(absent), None, "{absent}");
    }
    assert_eq!(o.integer("n"), Some(12));
    assert_eq!(o.integer("f"), Some(12));
    assert_eq!(o.integer("ns"), Some(12));
    assert_eq!(o.integer("neg"), Some(-3));
    assert_eq!(o.integer("big"), None);
    assert_eq!(o.integer("s"), None);
    assert_eq!(o.decimal("big"), None);
    assert_eq!(o.decimal("f"), Some(12.0));
    assert!(o.flag("t") && !o.flag("s") && !o.flag("missing"));
    assert_eq!(o.list("null").unwrap().len(), 0);
    assert_eq!(o.list("l").unwrap().len(), 1);
    assert!(o.list("o").is_err());
    assert!(Object::parse("[]").is_none());
    assert!(Object::parse("{}x").is_none());
}

#[test]
fn identifiers_have_a_limit() {
    let (fits, not) = ("i".repeat(MAX_IDENTIFIER), "i".repeat(MAX_IDENTIFIER + 1));
    let json = format!(r#"{{"fits":"{fits}","not":"{not}"}}"#);
    let o = Object::parse(&json).unwrap();
    assert_eq!(o.identifier("fits"), Some(fits));
    assert_eq!(o.identifier("not"), None);
    assert_eq!(o.text("not"), Some(not));
}

proptest! {
    #[test]
    fn repair_never_panics_and_is_idempotent(body: Vec<u8>) {
        let once = repair(&body).into_owned();
        prop_assert_eq!(&*repair(once.as_bytes()), once.trim_start_matches('\u{feff}'));
    }

    #[test]
    fn repair_of_escape_soup_never_panics(body in r#"["\\ud8c03é\x00-\x1f]{0,40}"#) {
        let once = repair(body.as_bytes()).into_owned();
        prop_assert_eq!(&*repair(once.as_bytes()), &once);
    }

    #[test]
    fn sound_json_means_the_same_after_repair(text: String) {
        let json = quoted(&text);
        prop_assert_eq!(serde_json::from_str::<String>(&repair(json.as_bytes())).unwrap(), text);
    }
}
