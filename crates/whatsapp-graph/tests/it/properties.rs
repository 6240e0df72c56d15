//! What holds for every delivery.

use proptest::prelude::*;
use whatsapp_graph::webhook::{decode, split_bytes};

use crate::tolerance::{OBJECT, body, counts, split_counts, text, with_messages};

/// One thing Meta might put in an array, and whether it is whole.
fn item() -> impl Strategy<Value = (&'static str, String, bool)> {
    prop_oneof![
        4 => "[a-z]{1,8}".prop_map(|id| ("messages", text(&id, "hi"), true)),
        3 => "[a-z]{1,8}".prop_map(|id| ("statuses", format!(r#"{{"id":"{id}","status":"sent"}}"#), true)),
        1 => "[a-z]{1,8}".prop_map(|id| ("messages", format!(r#"{{"id":"{id}","type":"future","future":[[]]}}"#), true)),
        1 => prop::sample::select(vec!["null", "[]", "3", "{}", "\"\\ud83d\""]).prop_map(|bad| ("messages", bad.to_owned(), false)),
        1 => prop::sample::select(vec!["null", "{}", r#"{"id":"x"}"#]).prop_map(|bad| ("statuses", bad.to_owned(), false)),
    ]
}

proptest! {
    #[test]
    fn however_a_batch_is_nested_its_count_is_kept(
        entries in prop::collection::vec(prop::collection::vec(prop::collection::vec(item(), 0..6), 0..4), 0..5)
    ) {
        let all = || entries.iter().flatten().flatten();
        let sound = all().filter(|(.., sound)| *sound).count();
        let poisoned = all().count() - sound;
        let array = |change: &Vec<(&str, String, bool)>, key: &str| {
            let items: Vec<&str> = change.iter().filter(|(k, ..)| *k == key).map(|(_, raw, _)| raw.as_str()).collect();
            items.join(",")
        };
        let entries: Vec<String> = entries.iter().map(|entry| {
            let changes: Vec<String> = entry.iter().map(|change| format!(
                r#"{{"field":"messages","value":{{"statuses":[{}],"messages":[{}]}}}}"#,
                array(change, "statuses"), array(change, "messages"),
            )).collect();
            format!(r#"{{"changes":[{}]}}"#, changes.join(","))
        }).collect();
        let body = format!(r#"{{"object":"{OBJECT}","entry":[{}]}}"#, entries.join(","));
        prop_assert_eq!(split_counts(&body), (sound, poisoned));
    }

    #[test]
    fn any_order_yields_the_same_elements(
        items in prop::collection::vec(item(), 0..20).prop_flat_map(|items| (Just(items.clone()), Just(items).prop_shuffle()))
    ) {
        let elements = |items: &[(&str, String, bool)]| {
            let changes: Vec<String> = items.iter()
                .map(|(key, raw, _)| format!(r#"{{"field":"messages","value":{{"{key}":[{raw}]}}}}"#))
                .collect();
            let body = format!(r#"{{"object":"{OBJECT}","entry":[{{"changes":[{}]}}]}}"#, changes.join(","));
            let mut elements = split_bytes(body.as_bytes()).elements;
            elements.sort_by(|a, b| (&a.dedupe_key, &a.payload).cmp(&(&b.dedupe_key, &b.payload)));
            elements
        };
        prop_assert_eq!(elements(&items.0), elements(&items.1));
    }

    #[test]
    fn bytes_never_panic(bytes: Vec<u8>) {
        counts(&split_bytes(&bytes));
        let _ = decode(&bytes);
    }

    #[test]
    fn mangled_samples_never_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = include_bytes!("../data/samples/batch-two-accounts-mixed.json").to_vec();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        counts(&split_bytes(&bytes));
    }

    #[test]
    fn any_json_in_any_place_never_panics(json in r#"(\{|\}|\[|\]|,|:|"|null|1e999|\\ud83d|\\u0000|"id"|"text"|"a"|[0-9]){0,30}"#) {
        counts(&split_bytes(body(&json).as_bytes()));
        counts(&split_bytes(with_messages(&[json]).as_bytes()));
    }
}
