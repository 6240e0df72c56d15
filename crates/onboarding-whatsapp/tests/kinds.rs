//! What becomes of each kind of webhook: the code, every sample body and `docs/whatsapp.md` say the same.

#![expect(clippy::unwrap_used, reason = "an unwrap that panics is a test that fails")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use onboarding_core::{InboundEvent, MessageKind, ports::InboundDecoder};
use onboarding_whatsapp::{Effect, GraphDecoder, KINDS};
use whatsapp_graph::webhook::{Content, Element, ElementKind, Event, decode, split_bytes};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn samples() -> Vec<(String, Vec<Element>)> {
    let data = workspace().join("crates/whatsapp-graph/tests/data");
    let mut found = Vec::new();
    let mut folders = vec![data.join("samples"), data.join("corpus")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            if path.is_dir() && !path.ends_with("api") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json")
                && !name.contains("signatures")
                && !name.contains("verification")
            {
                let delivery = split_bytes(&fs::read(&path).unwrap());
                found.push((name, delivery.elements));
            }
        }
    }
    found
}

/// The kind of an element, from what stands in it.
fn name_of(element: &Element) -> String {
    match (&element.kind, decode(&element.payload).unwrap()) {
        (_, Event::Message(message)) if message.group_id.is_some() => "messages/in a group".to_owned(),
        (_, Event::Message(message)) if tells_of_a_change(&message.content) => {
            "messages/a changed number or id".to_owned()
        }
        (_, Event::Message(message)) => format!("messages/{}", message.content.kind()),
        (_, Event::Status(status)) => format!("statuses/{}", format!("{:?}", status.status).to_lowercase()),
        (ElementKind::Other(field), Event::Other(_)) if field == "messages" => "messages/errors".to_owned(),
        (_, Event::Other(update)) => update.field,
    }
}

fn tells_of_a_change(content: &Content) -> bool {
    let Content::System { kind, .. } = content else {
        return false;
    };
    kind.as_deref()
        .is_some_and(|kind| kind.starts_with("user_changed_"))
}

fn effect_of(element: &Element) -> Effect {
    match GraphDecoder.decode(&element.payload).unwrap() {
        InboundEvent::Message(message) if message.in_group => Effect::Kept,
        InboundEvent::Message(message) => match message.kind {
            MessageKind::Content(_) => Effect::Answered,
            MessageKind::Silent(_) => Effect::Kept,
        },
        InboundEvent::Status(_) => Effect::Progress,
        InboundEvent::Notice(_) => Effect::State,
        InboundEvent::IdentityUpdate(_) => Effect::Identity,
        InboundEvent::Other(_) => Effect::Recorded,
    }
}

#[test]
fn every_sample_has_the_effect_that_the_table_gives_its_kind() {
    let mut seen = BTreeSet::new();
    for (file, elements) in samples() {
        for element in elements {
            let name = name_of(&element);
            let other = if name.starts_with("messages/") {
                "messages/of an unknown type"
            } else {
                "any other field"
            };
            let named = |wanted: &str| KINDS.iter().find(|kind| kind.name == wanted);
            let kind = named(&name).or_else(|| named(other)).unwrap();
            assert_eq!(effect_of(&element), kind.effect, "{file}: {name}");
            seen.insert(kind.name);
        }
    }
    let fields = KINDS
        .iter()
        .filter(|kind| matches!(kind.effect, Effect::State | Effect::Identity));
    let unseen: Vec<_> = fields
        .map(|kind| kind.name)
        .filter(|name| !seen.contains(name))
        .collect();
    assert!(unseen.is_empty(), "no sample shows {unseen:?}");
}

#[test]
fn the_document_shows_the_table() {
    let document = fs::read_to_string(workspace().join("docs/whatsapp.md")).unwrap();
    let (_, section) = document.split_once("## Every kind of webhook").unwrap();
    let shown: Vec<_> = section
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(1)
        .collect();
    let rows: Vec<_> = KINDS
        .iter()
        .map(|kind| format!("| {} | {} | {} |", kind.name, kind.effect.as_str(), kind.why))
        .collect();
    assert_eq!(shown, rows);
}

#[test]
fn what_is_recorded_says_why() {
    let note = |payload: &str| match GraphDecoder.decode(payload.as_bytes()).unwrap() {
        InboundEvent::Other(note) => note,
        other => panic!("acted on: {other:?}"),
    };
    assert_eq!(
        note(r#"{"field":"calls","value":{}}"#),
        "calls: calls are not offered"
    );
    assert_eq!(
        note(r#"{"field":"holograms","value":[]}"#),
        "holograms: not known to this version; kept as it came"
    );
}
