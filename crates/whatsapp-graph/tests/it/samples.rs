//! Every recorded or constructed body comes apart without a rest, and says what it should.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use whatsapp_graph::webhook::{
    Content, DeliveryStatus, Element, ElementKind, Event, Interactive, Message, Status, decode, split_bytes,
};
use whatsapp_graph::{ErrorClass, RecipientTrouble};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "json"))
        .filter(|path| !path.ends_with("signatures.json") && !path.ends_with("verification.json"))
        .collect();
    found.sort();
    found
}

fn elements(path: &Path) -> Vec<Element> {
    let delivery = split_bytes(&fs::read(path).unwrap());
    assert!(
        delivery.broken.is_empty(),
        "{}: {:?}",
        path.display(),
        delivery.broken
    );
    delivery.elements
}

fn sample(name: &str) -> Vec<Element> {
    elements(&data().join(format!("samples/{name}.json")))
}

fn message(name: &str) -> Message {
    let elements = sample(name);
    assert_eq!(elements.len(), 1, "{name}");
    match decode(&elements[0].payload).unwrap() {
        Event::Message(message) => *message,
        other => panic!("{name}: {other:?}"),
    }
}

fn status(name: &str) -> Status {
    let elements = sample(name);
    assert_eq!(elements.len(), 1, "{name}");
    match decode(&elements[0].payload).unwrap() {
        Event::Status(status) => *status,
        other => panic!("{name}: {other:?}"),
    }
}

fn describe(element: &Element) -> String {
    let mut line = match decode(&element.payload).unwrap() {
        Event::Message(m) => {
            assert_eq!(element.kind, ElementKind::Message);
            assert_eq!(element.dedupe_key, format!("m:{}", m.id));
            assert_eq!(element.occurred_at, m.timestamp);
            assert_eq!(element.phone_number_id, m.phone_number_id);
            format!(
                "message {} from={:?} user={:?} name={:?} texts={:?}",
                m.content.kind(),
                m.from,
                m.from_user_id,
                m.profile_name,
                m.texts()
            )
        }
        Event::Status(s) => {
            assert_eq!(element.kind, ElementKind::Status);
            assert_eq!(element.lane.as_ref(), Some(&s.id));
            let codes: Vec<i64> = s.errors.iter().map(|error| error.code).collect();
            format!(
                "status {:?} to={:?} user={:?} data={:?} errors={codes:?}",
                s.status, s.recipient_id, s.recipient_user_id, s.biz_opaque_callback_data
            )
        }
        Event::Other(update) => {
            let field = &update.field;
            assert_eq!(element.kind, ElementKind::Other(field.clone()));
            assert_eq!(
                (&update.waba_id, update.time),
                (&element.waba_id, element.occurred_at)
            );
            format!("other {field}")
        }
    };
    if element.kind == ElementKind::Message {
        write!(line, " lane={:?}", element.lane).unwrap();
    }
    write!(
        line,
        " number={:?} at={:?}",
        element.phone_number_id, element.occurred_at
    )
    .unwrap();
    line
}

#[test]
fn every_file_comes_apart_without_a_rest() {
    let mut report = String::new();
    for folder in [
        "samples",
        "corpus/facebook-openapi",
        "corpus/pywa",
        "corpus/vercel-chat",
    ] {
        for path in files(&data().join(folder)) {
            writeln!(report, "{folder}/{}", path.file_name().unwrap().to_str().unwrap()).unwrap();
            for element in elements(&path) {
                writeln!(report, "    {}", describe(&element)).unwrap();
            }
        }
    }
    insta::assert_snapshot!(report);
}

#[test]
fn a_hidden_phone_leaves_the_user_id() {
    let elements = sample("messages-text-username-phone-hidden");
    assert_eq!(elements[0].lane.as_deref(), Some("US.90817263544536271809"));
    let m = message("messages-text-username-phone-hidden");
    assert_eq!(m.from, None);
    assert_eq!(m.from_user_id.as_deref(), Some("US.90817263544536271809"));
    assert_eq!(m.username.as_deref(), Some("ana.example"));
    assert_eq!(m.display_phone_number.as_deref(), Some("15550783881"));
    let m = message("messages-text-parent-bsuid-phone-hidden");
    assert!(m.from_parent_user_id.is_some() && m.from.is_none());
    let m = message("messages-text-legacy-before-bsuid");
    assert!(m.from_user_id.is_none() && m.from.is_some());
}

#[test]
fn content_of_each_type_is_read() {
    let Content::Document(file) = message("messages-document").content else {
        panic!()
    };
    assert!(
        file.id.is_some() && file.filename.is_some() && file.mime_type.is_some() && file.sha256.is_some()
    );
    let Content::Audio { voice: true, media } = message("messages-audio-voice-note").content else {
        panic!()
    };
    assert_eq!(media.mime_type.as_deref(), Some("audio/ogg; codecs=opus"));
    let Content::Audio { voice: false, .. } = message("messages-audio-file").content else {
        panic!()
    };
    let Content::Location {
        latitude: Some(_),
        longitude: Some(_),
        name: None,
        ..
    } = message("messages-location-pin-only").content
    else {
        panic!()
    };
    let Content::Contacts(cards) = message("messages-contacts-request-answer").content else {
        panic!()
    };
    assert_eq!(cards[0].origin.as_deref(), Some("contact_request"));
    assert_eq!(cards[0].phones[0].wa_id.as_deref(), Some("14155550123"));
    let Content::Contacts(cards) = message("messages-contacts-shared-card").content else {
        panic!()
    };
    assert_eq!(cards[0].formatted_name.as_deref(), Some("Bea Example"));
    let Content::Reaction {
        emoji: None,
        message_id: Some(_),
    } = message("messages-reaction-removed").content
    else {
        panic!()
    };
    let Content::Revoke {
        original_message_id: Some(_),
    } = message("messages-revoke-coexistence").content
    else {
        panic!()
    };
    let Content::Interactive(Interactive::FlowReply {
        response_json: Some(json),
    }) = message("messages-interactive-nfm-reply").content
    else {
        panic!()
    };
    assert!(json.starts_with('{'));
    let m = message("messages-unsupported-unavailable-131060");
    assert_eq!(m.errors[0].code, 131_060);
    let Content::Unsupported { kind: Some(kind) } = message("messages-unsupported-edit").content else {
        panic!()
    };
    assert_eq!(kind, "edit");
    let Content::Unknown(kind) = message("messages-request-welcome-REMOVED-2026-03-27").content else {
        panic!()
    };
    assert_eq!(kind, "request_welcome");
}

#[test]
fn a_changed_number_names_old_and_new() {
    let m = message("messages-system-user-changed-number");
    let Content::System {
        kind,
        wa_id,
        user_id,
        previous_user_id,
        ..
    } = m.content
    else {
        panic!()
    };
    assert_eq!(kind.as_deref(), Some("user_changed_number"));
    assert_eq!(wa_id.as_deref(), Some("14155550177"));
    assert!(user_id.is_some() && previous_user_id.is_some());
    let element = &sample("messages-system-user-changed-number")[0];
    assert_eq!(
        element.lane, previous_user_id,
        "behind what the person wrote before"
    );
}

#[test]
fn words_are_found_wherever_they_stand() {
    let texts = |name: &str| {
        message(name)
            .texts()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        texts("messages-text-referral-ctwa-ad"),
        [
            "I saw your ad",
            "Hi! How can we help?",
            "Chat with us",
            "Summer offers"
        ]
    );
    assert_eq!(texts("messages-edit-coexistence"), ["corrected text"]);
    assert_eq!(texts("messages-text-reply-context"), ["Yes, that one"]);
    for (name, count) in [
        ("messages-image", 1),
        ("messages-image-no-caption-no-url", 0),
        ("messages-button-template-quick-reply", 2),
        ("messages-interactive-button-reply", 2),
        ("messages-interactive-list-reply", 2),
        ("messages-order", 1),
        ("messages-sticker", 0),
        ("messages-reaction-added", 0),
    ] {
        assert_eq!(texts(name).len(), count, "{name}");
    }
}

#[test]
fn context_tells_answers_and_forwards() {
    let m = message("messages-text-reply-context");
    assert!(m.context_id.is_some() && !m.forwarded);
    assert_eq!(m.context_from.as_deref(), Some("15550783881"));
    let m = message("messages-text-forwarded");
    assert!(m.forwarded && !m.frequently_forwarded && m.context_id.is_none());
    let m = message("messages-text-frequently-forwarded");
    assert!(m.forwarded && m.frequently_forwarded);
    assert!(message("messages-group-text").group_id.is_some());
}

#[test]
fn statuses_carry_our_data_and_their_errors() {
    let s = status("statuses-sent");
    assert_eq!(s.status, DeliveryStatus::Sent);
    assert!(
        s.biz_opaque_callback_data
            .is_some_and(|data| data.starts_with("outbox:"))
    );
    assert_eq!(status("statuses-played-voice").status, DeliveryStatus::Played);
    let s = status("statuses-delivered-to-bsuid-phone-hidden");
    assert!(s.recipient_id.is_none() && s.recipient_user_id.is_some());
    for (name, class) in [
        ("statuses-failed-131047-window-closed", ErrorClass::WindowClosed),
        ("statuses-failed-131042-payment", ErrorClass::PauseAccount),
        (
            "statuses-failed-131056-pair-rate",
            ErrorClass::Retry { safe: true },
        ),
        (
            "statuses-failed-131050-opted-out",
            ErrorClass::Recipient(RecipientTrouble::OptedOut),
        ),
    ] {
        let s = status(name);
        assert_eq!(s.status, DeliveryStatus::Failed);
        assert_eq!(s.errors[0].class(), class, "{name}");
        assert!(s.errors[0].details.is_some());
    }
}

#[test]
fn members_of_a_group_do_not_share_a_status() {
    let key = &sample("statuses-group-delivered")[0].dedupe_key;
    assert_eq!(key.matches(':').count(), 3, "{key}");
}

#[test]
fn debug_shows_no_person() {
    for path in files(&data().join("samples")) {
        for element in elements(&path) {
            let event = decode(&element.payload).unwrap();
            let logged = format!("{element:?} {event:?}");
            for secret in ["4155550123", "9081726", "Ana", "wamid", "Hello", "outbox:"] {
                assert!(!logged.contains(secret), "{}: {logged}", path.display());
            }
        }
    }
}
