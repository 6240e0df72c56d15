//! Nothing in a delivery spoils anything else in it.

use whatsapp_graph::webhook::{Content, Delivery, Event, Message, decode, split_bytes};

pub(crate) const OBJECT: &str = "whatsapp_business_account";

pub(crate) fn body(value: &str) -> String {
    format!(
        r#"{{"object":"{OBJECT}","entry":[{{"id":"1","changes":[{{"field":"messages","value":{value}}}]}}]}}"#
    )
}

pub(crate) fn with_messages(messages: &[String]) -> String {
    body(&format!(
        r#"{{"metadata":{{"phone_number_id":"9"}},"messages":[{}]}}"#,
        messages.join(",")
    ))
}

pub(crate) fn text(id: &str, words: &str) -> String {
    format!(r#"{{"id":"{id}","from":"1","timestamp":"5","type":"text","text":{{"body":"{words}"}}}}"#)
}

pub(crate) fn counts(delivery: &Delivery) -> (usize, usize) {
    for element in &delivery.elements {
        decode(&element.payload).unwrap();
    }
    (delivery.elements.len(), delivery.broken.len())
}

pub(crate) fn split_counts(body: &str) -> (usize, usize) {
    counts(&split_bytes(body.as_bytes()))
}

pub(crate) fn message(body: &[u8]) -> Message {
    let delivery = split_bytes(body);
    assert_eq!(counts(&delivery), (1, 0), "{:?}", delivery.broken);
    let Ok(Event::Message(message)) = decode(&delivery.elements[0].payload) else {
        panic!()
    };
    *message
}

#[test]
fn batches_keep_their_count_whatever_is_poisoned() {
    let poisons = [
        "null",
        "7",
        "[]",
        "\"x\"",
        "{}",
        r#"{"id":""}"#,
        r#"{"id":{}}"#,
        r#"{"type":"text"}"#,
    ];
    for size in [1, 999, 1000] {
        for poisoned in [0, 1, 17, size] {
            let poisoned = poisoned.min(size);
            let items: Vec<String> = (0..size)
                .map(|n| {
                    if n < poisoned {
                        poisons[n % poisons.len()].to_owned()
                    } else {
                        text(&n.to_string(), "x")
                    }
                })
                .collect();
            assert_eq!(
                split_counts(&with_messages(&items)),
                (size - poisoned, poisoned),
                "{size} {poisoned}"
            );
        }
    }
}

#[test]
fn a_broken_level_leaves_its_siblings() {
    let change =
        r#"{"field":"messages","value":{"messages":[{"id":"a"}],"statuses":[{"id":"b","status":"sent"}]}}"#;
    let good = format!(r#"{{"id":"1","changes":[{change}]}}"#);
    for bad in ["null", "1", "[]", "{}", r#"{"changes":{}}"#, r#"{"changes":"x"}"#] {
        let body = format!(r#"{{"object":"{OBJECT}","entry":[{good},{bad},{good}]}}"#);
        assert_eq!(split_counts(&body), (4, 1), "{bad}");
    }
    let bad_changes = [
        "null",
        "1",
        "{}",
        r#"{"value":{"messages":[{"id":"c"}]}}"#,
        r#"{"field":"messages"}"#,
        r#"{"field":"messages","value":[]}"#,
        r#"{"field":"messages","value":{"messages":{}}}"#,
        r#"{"field":"messages","value":{"statuses":"x"}}"#,
        r#"{"field":"messages","value":{"statuses":[{"id":"b"}]}}"#,
    ];
    for bad in bad_changes {
        let body = format!(r#"{{"object":"{OBJECT}","entry":[{{"changes":[{change},{bad},{change}]}}]}}"#);
        assert_eq!(split_counts(&body), (4, 1), "{bad}");
    }
}

#[test]
fn nothing_yields_nothing() {
    for entry in [
        "[]",
        "null",
        r#"[{"id":"1","changes":[]}]"#,
        r#"[{"id":"1","changes":null}]"#,
    ] {
        assert_eq!(
            split_counts(&format!(r#"{{"object":"{OBJECT}","entry":{entry}}}"#)),
            (0, 0),
            "{entry}"
        );
    }
    assert_eq!(split_counts(&body(r#"{"messages":[],"statuses":null}"#)), (0, 0));
}

#[test]
fn foreign_bodies_are_one_broken_each() {
    let cases: [&[u8]; 12] = [
        b"",
        b"hello",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe\x00",
        b"<html></html>",
        br#"{"object":"page","entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":[{"id":"a"}]}}]}]}"#,
        br#"{"object":"whatsapp_business_account","entry":[{"#,
        br#"{"object":"whatsapp_business_account"}"#,
        br#"{"object":"whatsapp_business_account","entry":{}}"#,
        br#"{"object":["whatsapp_business_account"],"entry":[]}"#,
    ];
    for case in cases {
        let delivery = split_bytes(case);
        assert_eq!(counts(&delivery), (0, 1), "{}", String::from_utf8_lossy(case));
        assert_eq!(delivery.broken[0].payload, case, "kept byte for byte");
        assert!(!delivery.broken[0].reason.is_empty());
    }
}

#[test]
fn broken_elements_keep_number_and_content() {
    let delivery =
        split_bytes(with_messages(&[r#"{"type":"text","text":{"body":"lost"}}"#.to_owned()]).as_bytes());
    let kept = String::from_utf8(delivery.broken[0].payload.clone()).unwrap();
    assert!(
        kept.contains(r#""phone_number_id":"9""#) && kept.contains("lost"),
        "{kept}"
    );
    assert!(!delivery.broken[0].reason.contains("lost"));
}

#[test]
fn odd_characters_survive() {
    for (words, want) in [
        (r"a\ud83d", "a\u{fffd}"),
        (r"\udc4b\ud83d\udc4b", "\u{fffd}\u{1f44b}"),
        (r"a\u0000b", "a\u{fffd}b"),
        ("a\nb", "a\nb"),
        (r"\\ud83d", r"\ud83d"),
        (r"\u2028\/", "\u{2028}/"),
    ] {
        let m = message(with_messages(&[text("a", words)]).as_bytes());
        assert_eq!(
            m.content,
            Content::Text {
                body: want.to_owned()
            },
            "{words}"
        );
    }
    let mut bytes = with_messages(&[text("a", "?")]).into_bytes();
    let at = bytes.iter().position(|b| *b == b'?').unwrap();
    bytes[at] = 0xc3;
    assert_eq!(
        message(&bytes).content,
        Content::Text {
            body: "\u{fffd}".to_owned()
        }
    );
    let payload = &split_bytes(with_messages(&[text("a", r"\u0000")]).as_bytes()).elements[0].payload;
    assert!(
        String::from_utf8_lossy(payload).contains(r"\u0000"),
        "the payload keeps what was said"
    );
    let nul_key = &split_bytes(with_messages(&[text(r"a\u0000", "x")]).as_bytes()).elements[0].dedupe_key;
    assert_eq!(nul_key, "m:a\u{fffd}");
}

#[test]
fn types_may_be_swapped() {
    let m = message(
        body(
            r#"{"metadata":{"phone_number_id":9,"display_phone_number":15550783881},"contacts":[{"wa_id":14155550123,
            "user_id":"US.1","profile":{"name":7}}],"messages":[{"id":12,"from":14155550123,"timestamp":1795346001,
            "type":"text","text":{"body":42},"context":{"forwarded":"true","id":null},"referral":[],"errors":{},
            "new":{"a":[1e999]}}]}"#,
        )
        .as_bytes(),
    );
    assert_eq!(
        (m.id.as_str(), m.from.as_deref(), m.timestamp),
        ("12", Some("14155550123"), Some(1_795_346_001))
    );
    assert_eq!(
        (m.phone_number_id.as_deref(), m.profile_name.as_deref()),
        (Some("9"), Some("7"))
    );
    assert_eq!(
        m.from_user_id.as_deref(),
        Some("US.1"),
        "from the contact with the same phone"
    );
    assert_eq!(m.texts(), ["42"]);
    assert!(m.forwarded && m.context_id.is_none() && m.referral.is_none() && m.errors.is_empty());

    for (raw, at) in [
        ("1e999", None),
        ("\"soon\"", None),
        ("null", None),
        ("5.0", Some(5)),
        ("\" 5 \"", Some(5)),
    ] {
        let m = message(with_messages(&[format!(r#"{{"id":"a","timestamp":{raw}}}"#)]).as_bytes());
        assert_eq!(m.timestamp, at, "{raw}");
    }
    let m = message(with_messages(&[r#"{"id":"a","type":"text","text":"plain"}"#.to_owned()]).as_bytes());
    assert_eq!(m.texts(), ["plain"]);
}

#[test]
fn duplicate_keys_take_the_last() {
    let m = message(with_messages(&[r#"{"id":"a","id":"b","from":"1","from":"2"}"#.to_owned()]).as_bytes());
    assert_eq!((m.id.as_str(), m.from.as_deref()), ("b", Some("2")));
}

#[test]
fn empty_strings_are_no_identifiers() {
    let raw = r#"{"id":"a","from":"","from_user_id":"","group_id":"","context":{"id":"","from":""}}"#;
    let body = body(&format!(
        r#"{{"metadata":{{"phone_number_id":""}},"contacts":[{{"wa_id":"","user_id":"","profile":{{"name":""}}}}],"messages":[{raw}]}}"#
    ));
    let m = message(body.as_bytes());
    assert_eq!(
        (m.from, m.from_user_id, m.group_id, m.context_id),
        (None, None, None, None)
    );
    assert_eq!(
        (m.phone_number_id, m.profile_name, m.context_from),
        (None, None, None)
    );
    assert_eq!(split_bytes(body.as_bytes()).elements[0].lane, None);
}

#[test]
fn deep_nesting_is_survived() {
    let depth = 200_000;
    let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for json in [
        deep.clone(),
        format!(r#"{{"object":"{OBJECT}","entry":{deep}}}"#),
        body(&format!(r#"{{"messages":{deep}}}"#)),
        body(&deep),
    ] {
        assert_eq!(split_counts(&json), (0, 1));
    }
    let hidden = format!(r#"{{"id":"a","type":"text","text":{deep},"context":{deep}}}"#);
    assert_eq!(split_counts(&with_messages(&[hidden, text("b", "x")])), (2, 0));

    let edit = r#"{"id":"a","type":"edit","edit":{"message":"#;
    let nested = format!("{}{{}}{}", edit.repeat(20_000), "}}".repeat(20_000));
    let m = message(with_messages(&[nested]).as_bytes());
    let Content::Edit { content, .. } = m.content else {
        panic!()
    };
    assert_eq!(*content, Content::Unknown("edit".to_owned()));
}

#[test]
fn payloads_that_are_no_elements_are_refused() {
    for payload in ["", "null", "{}", "[]", r#"{"field":7.5e}"#, r#"{"field":""}"#] {
        assert!(decode(payload.as_bytes()).is_err(), "{payload}");
    }
    for value in [
        r#"{"messages":[{}]}"#,
        r#"{"messages":[1]}"#,
        r#"{"statuses":[{"id":"a"}]}"#,
    ] {
        let payload = format!(r#"{{"field":"messages","value":{value}}}"#);
        assert!(decode(payload.as_bytes()).is_err(), "{payload}");
    }
}
