//! What each element takes along from its delivery.

use whatsapp_graph::webhook::{Element, ElementKind, Event, decode, split_bytes};

use crate::tolerance::{OBJECT, body, counts, message};

#[test]
fn contacts_go_with_their_own_message() {
    let body = body(
        r#"{"contacts":[{"user_id":"US.2","wa_id":"2","profile":{"name":"Two"}},{"user_id":"US.1","profile":{"name":"One"}}],
        "messages":[{"id":"a","from_user_id":"US.1"},{"id":"b","from":"2"},{"id":"c","from":"3"}]}"#,
    );
    let names: Vec<_> = split_bytes(body.as_bytes())
        .elements
        .iter()
        .map(|element| {
            let Ok(Event::Message(m)) = decode(&element.payload) else {
                panic!()
            };
            (m.profile_name, element.lane.clone().unwrap())
        })
        .collect();
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(
        names,
        [
            (name("One"), "US.1".to_owned()),
            (name("Two"), "US.2".to_owned()),
            (None, "3".to_owned())
        ]
    );
}

#[test]
fn a_contact_of_somebody_else_is_not_taken() {
    let m = message(
        body(
            r#"{"contacts":[{"user_id":"US.2","wa_id":"1","profile":{"name":"Two"}}],
        "messages":[{"id":"a","from":"1","from_user_id":"US.1"}]}"#,
        )
        .as_bytes(),
    );
    assert_eq!((m.profile_name, m.from_user_id.as_deref()), (None, Some("US.1")));
}

#[test]
fn several_arrays_in_one_value_all_count() {
    let delivery = split_bytes(
        body(
            r#"{"messages":[{"id":"a"}],"statuses":[{"id":"b","status":"sent"},{"id":"b","status":"read"}],
            "errors":[{"code":1}],"unheard_of":[1,2,3]}"#,
        )
        .as_bytes(),
    );
    assert_eq!(counts(&delivery), (4, 0));
    let kinds: Vec<_> = delivery
        .elements
        .iter()
        .map(|element| element.kind.clone())
        .collect();
    let other = ElementKind::Other("messages".to_owned());
    assert_eq!(
        kinds,
        [
            ElementKind::Message,
            ElementKind::Status,
            ElementKind::Status,
            other
        ]
    );
    let keys: Vec<_> = delivery
        .elements
        .iter()
        .map(|element| element.dedupe_key.as_str())
        .collect();
    assert_eq!(keys[..3], ["m:a", "s:b:sent", "s:b:read"]);
}

#[test]
fn the_same_arrays_under_other_fields_are_not_messages() {
    for field in ["standby", "calls", "smb_message_echoes", "history", "Messages"] {
        let body = body(r#"{"messages":[{"id":"a"}]}"#)
            .replace(r#""field":"messages""#, &format!(r#""field":"{field}""#));
        let delivery = split_bytes(body.as_bytes());
        assert_eq!(counts(&delivery), (1, 0));
        assert_eq!(delivery.elements[0].kind, ElementKind::Other(field.to_owned()));
    }
}

fn account_update(id: &str, time: &str, field: &str, value: &str) -> Element {
    let body = format!(
        r#"{{"object":"{OBJECT}","entry":[{{"id":"{id}",{time}"changes":[{{"field":"{field}","value":{value}}}]}}]}}"#
    );
    split_bytes(body.as_bytes()).elements.remove(0)
}

#[test]
fn other_changes_are_told_apart_by_all_their_parts() {
    let base = account_update("1", r#""time":5,"#, "account_update", r#"{"a":1}"#);
    assert_eq!(
        base,
        account_update("1", r#""time":5,"#, "account_update", r#"{"a":1}"#)
    );
    assert_eq!(
        (base.occurred_at, base.waba_id.as_deref(), base.lane.as_deref()),
        (Some(5), Some("1"), None)
    );
    assert!(base.dedupe_key.starts_with("a:") && base.dedupe_key.len() == 66);
    for other in [
        account_update("2", r#""time":5,"#, "account_update", r#"{"a":1}"#),
        account_update("1", r#""time":6,"#, "account_update", r#"{"a":1}"#),
        account_update("1", r#""time":5,"#, "account_updat", r#"{"a":1}"#),
        account_update("1", r#""time":5,"#, "account_update", r#"{"a":2}"#),
        account_update("15", "", "account_update", r#"{"a":1}"#),
    ] {
        assert_ne!(base.dedupe_key, other.dedupe_key);
    }
}

#[test]
fn a_lone_contact_belongs_to_a_lone_message_only() {
    let contact = r#""contacts":[{"wa_id":"9","user_id":"US.9","profile":{"name":"Nine"}}]"#;
    let m = message(body(&format!(r#"{{{contact},"messages":[{{"id":"a","from":"1"}}]}}"#)).as_bytes());
    assert_eq!(m.profile_name.as_deref(), Some("Nine"));
    assert_eq!(
        (m.from.as_deref(), m.from_user_id),
        (Some("1"), None),
        "a name is lent, an identity is not"
    );
    let two = body(&format!(
        r#"{{{contact},"messages":[{{"id":"a","from":"1"}},{{"id":"b","from":"2"}}]}}"#
    ));
    for element in split_bytes(two.as_bytes()).elements {
        let Ok(Event::Message(m)) = decode(&element.payload) else {
            panic!()
        };
        assert_eq!(m.profile_name, None);
    }
}

#[test]
fn a_huge_contact_is_not_copied_into_every_message() {
    let messages: Vec<String> = (0..1000)
        .map(|n| format!(r#"{{"id":"{n}","from":"1"}}"#))
        .collect();
    let huge = body(&format!(
        r#"{{"contacts":[{{"wa_id":"1","profile":{{"name":"{}"}}}}],"messages":[{}]}}"#,
        "x".repeat(100_000),
        messages.join(",")
    ));
    let delivery = split_bytes(huge.as_bytes());
    assert_eq!(counts(&delivery), (1000, 0));
    assert!(
        delivery
            .elements
            .iter()
            .all(|element| element.payload.len() < 1000)
    );
}

#[test]
fn a_message_without_time_has_that_of_its_entry() {
    let at = |timestamp: &str| {
        let body = format!(
            r#"{{"object":"{OBJECT}","entry":[{{"time":7,"changes":[{{"field":"messages","value":{{"messages":[
            {{"id":"a"{timestamp}}}]}}}}]}}]}}"#
        );
        split_bytes(body.as_bytes()).elements[0].occurred_at
    };
    assert_eq!((at(""), at(r#","timestamp":"5""#)), (Some(7), Some(5)));
}
