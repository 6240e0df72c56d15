//! The table of the flow: what the client does, and what they see.

use serde_json::json;

use crate::demo::{ANA, Bubble, CHAN, Demo, JANE, PRIMARY, until};

fn texts(bubbles: &[Bubble]) -> Vec<&str> {
    bubbles.iter().map(|bubble| bubble.text.as_str()).collect()
}

/// Onboards a client with an extension and gives the number of the room.
async fn onboard(demo: &Demo, client: &str, text: &str) -> String {
    let before = demo.secondaries(client).await;
    demo.writes(client, PRIMARY, text).await;
    demo.quiet().await;
    let after = demo.secondaries(client).await;
    let new: Vec<_> = after.iter().filter(|number| !before.contains(number)).collect();
    assert_eq!(
        new.len(),
        1,
        "one new thread for {text}: {before:?} then {after:?}"
    );
    new[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_brings_the_info_then_the_invitation_from_that_number() {
    let demo = Demo::start();
    let secondary = onboard(&demo, CHAN, "#michael").await;
    let info = demo.heard(CHAN, PRIMARY).await;
    assert_eq!(info.len(), 1, "{info:?}");
    assert!(
        info[0].text.contains("Michael Tam") && info[0].text.contains(&format!("+{secondary}")),
        "{info:?}"
    );
    let invitation = demo.heard(CHAN, &secondary).await;
    assert_eq!(
        texts(&invitation),
        ["Hello, this is Michael Tam of Acme Wealth. You asked to be connected: let us talk here."]
    );
    assert_eq!(demo.decision_on("#michael").await.outcome, "onboarded");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_in_the_clients_language() {
    let demo = Demo::start();
    onboard(&demo, CHAN, "#michael").await;
    onboard(&demo, JANE, "#michael").await;
    assert!(demo.heard(CHAN, PRIMARY).await[0].text.starts_with("親愛的客戶"));
    assert!(
        demo.heard(JANE, PRIMARY).await[0]
            .text
            .starts_with("Dear customer")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanned_code_says_the_same_as_the_extension() {
    let demo = Demo::start();
    let state = demo.get("/simulator/api/state").await;
    let codes = state["scannables"].as_array().unwrap();
    let dom = codes.iter().find(|code| code["title"] == "Dom AM").unwrap();
    let link = reqwest::Url::parse(dom["link"].as_str().unwrap()).unwrap();
    assert_eq!((link.host_str(), link.path()), (Some("wa.me"), "/85256428035"));
    let typed = link
        .query_pairs()
        .find(|(key, _)| key == "text")
        .unwrap()
        .1
        .into_owned();
    onboard(&demo, JANE, &typed).await;
    assert!(demo.heard(JANE, PRIMARY).await[0].text.contains("Dom AM"));
    assert!(
        codes.iter().all(|code| code["title"] != "Priya Nair"),
        "no extension, no code"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn words_without_an_extension_and_a_wrong_one_have_their_answers() {
    let demo = Demo::start();
    demo.writes(JANE, PRIMARY, "Hi there").await;
    demo.quiet().await;
    demo.writes(JANE, PRIMARY, "#455567").await;
    demo.quiet().await;
    let heard = demo.heard(JANE, PRIMARY).await;
    assert_eq!(heard.len(), 2);
    assert!(
        heard[0]
            .text
            .starts_with("Acme Wealth Bot: To reach a member of our team"),
        "{heard:?}"
    );
    assert!(
        heard[1].text.contains("the extension provided is not valid"),
        "{heard:?}"
    );
    assert!(demo.secondaries(JANE).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_extension_again_reminds_in_the_room_and_opens_no_second_one() {
    let demo = Demo::start();
    let secondary = onboard(&demo, JANE, "#dom123456").await;
    demo.writes(JANE, PRIMARY, "#DOM123456").await;
    demo.quiet().await;
    assert_eq!(demo.secondaries(JANE).await, std::slice::from_ref(&secondary));
    let room = demo.heard(JANE, &secondary).await;
    assert_eq!(room.len(), 2, "invitation and reminder: {room:?}");
    assert!(room[1].text.starts_with("You asked for Dom AM."), "{room:?}");
    let pointer = demo.heard(JANE, PRIMARY).await;
    assert!(
        pointer[1].text.contains(&format!("+{secondary}")),
        "the window is shut, so the primary points: {pointer:?}"
    );
    assert_eq!(demo.decision_on("#DOM123456").await.outcome, "reminded");
}

#[tokio::test(flavor = "multi_thread")]
async fn inside_the_window_the_reminder_is_free_text_and_the_primary_stays_silent() {
    let demo = Demo::start();
    let secondary = onboard(&demo, JANE, "#dom123456").await;
    demo.writes(JANE, &secondary, "Good morning").await;
    demo.quiet().await;
    demo.writes(JANE, PRIMARY, "#dom123456").await;
    demo.quiet().await;
    let room = demo.heard(JANE, &secondary).await;
    assert_eq!((room.len(), room[1].kind.as_str()), (2, "text"), "{room:?}");
    assert_eq!(demo.heard(JANE, PRIMARY).await.len(), 1, "only the info");
    demo.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_user_gets_a_number_of_their_own_until_none_is_left() {
    let demo = Demo::start();
    let mut numbers = Vec::new();
    for extension in ["#dom123456", "#kate", "#michael"] {
        numbers.push(onboard(&demo, JANE, extension).await);
    }
    numbers.sort();
    assert_eq!(numbers, ["85251079302", "85251079303", "85251079304"]);
    demo.writes(JANE, PRIMARY, "#lee").await;
    demo.quiet().await;
    let heard = demo.heard(JANE, PRIMARY).await;
    assert!(
        heard.last().unwrap().text.contains("all our lines are taken"),
        "{heard:?}"
    );
    let decision = demo.decision_on("#lee").await;
    assert_eq!(decision.outcome, "no_secondary_number");
    let refused = &decision.step("secondary_number_allocation").candidates;
    assert_eq!(refused.len(), 3);
    assert!(
        refused.iter().all(|number| number.verdict == "refused"),
        "{refused:?}"
    );
    assert_eq!(demo.secondaries(JANE).await.len(), 3, "nothing half done");
    // The numbers are used up for Jane only.
    onboard(&demo, CHAN, "#lee").await;
    demo.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_profiles_one_is_picked_and_the_trace_names_them_all() {
    let demo = Demo::start();
    onboard(&demo, JANE, "#dom123456").await;
    let decision = demo.decision_on("#dom123456").await;
    let selection = decision.step("client_profile_selection");
    let subjects: Vec<_> = selection
        .candidates
        .iter()
        .map(|one| one.subject.as_str())
        .collect();
    assert_eq!(subjects.len(), 2, "{selection:?}");
    assert!(
        subjects.iter().any(|one| one.contains("cp-1")) && subjects.iter().any(|one| one.contains("cp-2"))
    );
    let chosen = selection
        .candidates
        .iter()
        .filter(|one| one.verdict == "chosen")
        .count();
    assert_eq!(chosen, 1);
    assert!(
        selection.finding.contains("drawn at random"),
        "{}",
        selection.finding
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_picks_only_among_the_profiles_they_may_see() {
    let demo = Demo::start();
    onboard(&demo, JANE, "#michael").await;
    let decision = demo.decision_on("#michael").await;
    let verdict_of = |key: &str| {
        let candidates = &decision.step("client_profile_selection").candidates;
        candidates
            .iter()
            .find(|one| one.subject.contains(key))
            .unwrap()
            .verdict
            .clone()
    };
    assert_eq!(
        (verdict_of("cp-1").as_str(), verdict_of("cp-2").as_str()),
        ("chosen", "refused"),
        "Globex is not his"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_is_found_in_any_dress_and_a_look_alike_is_nobodys() {
    let demo = Demo::start();
    for (nth, text) in [
        "Hello ＃MICHAEL",
        "#mi\u{200b}cha\u{ad}el",
        "Hi, \u{200f}#Michael!",
        "x #dom123456!",
    ]
    .iter()
    .enumerate()
    {
        let client = format!("4670000000{nth}");
        let bsuid = format!("SE.{nth}");
        let added = demo
            .post("clients", json!({"name": "Bo", "phone": client, "bsuid": bsuid}))
            .await;
        assert_eq!(added.status(), 201);
        onboard(&demo, &client, text).await;
    }
    for text in ["Hello ＃MÌCHAEL", "#mіchael", "#michae1"] {
        demo.writes(JANE, PRIMARY, text).await;
        assert_eq!(
            demo.decision_on(text).await.outcome,
            "extension_not_found",
            "{text}"
        );
    }
    assert!(demo.secondaries(JANE).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caption_a_button_and_an_ad_can_name_the_extension() {
    let demo = Demo::start();
    let number = |nth: usize| format!("4680000000{nth}");
    let messages = [
        json!({"to_account": PRIMARY, "image_caption": "my card, for #dom123456"}),
        json!({"to_account": PRIMARY, "button": {"payload": "connect #dom123456", "text": "Connect me"}}),
        json!({"to_account": PRIMARY, "raw": {"type": "text", "text": {"body": "Hello"},
            "referral": {"source_type": "ad", "headline": "Talk to #dom123456"}}}),
    ];
    for (nth, message) in messages.into_iter().enumerate() {
        let client = json!({"name": "Bo", "phone": number(nth), "bsuid": format!("SE.8{nth}")});
        assert_eq!(demo.post("clients", client).await.status(), 201);
        demo.sends(&number(nth), message).await;
        demo.quiet().await;
        assert_eq!(demo.secondaries(&number(nth)).await.len(), 1, "message {nth}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_a_phone_number_is_onboarded_by_their_user_id() {
    let demo = Demo::start();
    let secondary = onboard(&demo, ANA, "#dom123456").await;
    assert_eq!(demo.heard(ANA, &secondary).await.len(), 1);
    demo.writes(ANA, PRIMARY, "#dom123456").await;
    demo.quiet().await;
    assert_eq!(demo.secondaries(ANA).await, [secondary]);
    demo.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_messages_delivered_twice_and_out_of_order_are_each_answered_once() {
    let demo = Demo::start();
    let faults = json!({"duplicate_webhooks": 1.0, "reorder_webhooks": 0.5, "delay_webhooks_ms": 30});
    let url = format!("{}/simulator/api/faults", demo.base);
    assert_eq!(
        demo.http.put(url).json(&faults).send().await.unwrap().status(),
        200
    );
    let text = |nth: u32| format!("Question {nth}");
    let messages: Vec<_> = (0..20)
        .map(|nth| json!({"to_account": PRIMARY, "text": text(nth)}))
        .collect();
    let batch = demo
        .post(&format!("clients/{JANE}/batch"), json!({"messages": messages}))
        .await;
    assert_eq!(batch.status(), 202);
    until("twenty answers", || async {
        (demo.heard(JANE, PRIMARY).await.len() >= 20).then_some(())
    })
    .await;
    demo.quiet().await;
    assert_eq!(demo.heard(JANE, PRIMARY).await.len(), 20);
    let decisions = demo.decisions().await;
    for nth in 0..20 {
        assert_eq!(
            decisions.iter().filter(|one| one.text == text(nth)).count(),
            1,
            "question {nth}"
        );
    }
    demo.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_scans_at_once_open_one_room() {
    let demo = Demo::start();
    let scans: Vec<_> = (0..20)
        .map(|_| json!({"to_account": PRIMARY, "text": "#kate"}))
        .collect();
    let batch = demo
        .post(
            &format!("clients/{CHAN}/batch"),
            json!({"messages": scans, "webhooks": "one"}),
        )
        .await;
    assert_eq!(batch.status(), 202);
    until("twenty decisions", || async {
        (demo.decisions().await.len() >= 20).then_some(())
    })
    .await;
    demo.quiet().await;
    assert_eq!(demo.secondaries(CHAN).await.len(), 1);
    let count = |decisions: &[crate::demo::Decision], outcome: &str| {
        decisions.iter().filter(|one| one.outcome == outcome).count()
    };
    let decisions = demo.decisions().await;
    assert_eq!(
        (
            count(&decisions, "onboarded"),
            count(&decisions, "reminded"),
            count(&decisions, "reminder_throttled")
        ),
        (1, 1, 18)
    );
    demo.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_client_writes_in_the_room_is_kept_there() {
    let demo = Demo::start();
    let secondary = onboard(&demo, JANE, "#dom123456").await;
    demo.writes(JANE, &secondary, "Please call me at 5, #kate").await;
    let decision = demo.decision_on("Please call me at 5, #kate").await;
    assert_eq!(decision.outcome, "room_message");
    demo.quiet().await;
    assert_eq!(
        demo.heard(JANE, &secondary).await.len(),
        1,
        "only the invitation; a room is for people"
    );
    assert_eq!(demo.secondaries(JANE).await.len(), 1);
    demo.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secondary_without_a_room_says_that_the_conversation_is_closed() {
    let demo = Demo::start();
    let secondary = onboard(&demo, JANE, "#dom123456").await;
    // Another client, on the number of Jane's room.
    demo.writes(CHAN, &secondary, "你好").await;
    demo.quiet().await;
    let heard = demo.heard(CHAN, &secondary).await;
    assert_eq!(heard.len(), 1);
    assert!(heard[0].text.contains(&format!("+{PRIMARY}")), "{heard:?}");
    assert_eq!(demo.decision_on("你好").await.outcome, "room_closed");
    assert_eq!(
        demo.heard(JANE, &secondary).await.len(),
        1,
        "Jane hears nothing of it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_answers_a_reaction_or_a_message_of_another_business() {
    let demo = Demo::start();
    for raw in [
        json!({"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "👍"}}),
        json!({"type": "unsupported", "unsupported": {"type": "poll_creation"}, "errors": [{"code": 131_051}]}),
        json!({"type": "system", "system": {"type": "user_changed_number", "body": "#dom123456"}}),
    ] {
        demo.sends(JANE, json!({"to_account": PRIMARY, "raw": raw})).await;
    }
    until("three decisions", || async {
        (demo.decisions().await.len() >= 3).then_some(())
    })
    .await;
    demo.quiet().await;
    assert!(demo.heard(JANE, PRIMARY).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_invitation_frees_the_number_and_tells_the_client() {
    let demo = Demo::start();
    let undeliverable = json!({"graph_error": {"code": 131_026, "next": 1, "templates_only": true}});
    let url = format!("{}/simulator/api/faults", demo.base);
    let set = demo.http.put(url).json(&undeliverable).send().await;
    assert_eq!(set.unwrap().status(), 200);
    demo.writes(JANE, PRIMARY, "#dom123456").await;
    until("two answers", || async {
        (demo.heard(JANE, PRIMARY).await.len() >= 2).then_some(())
    })
    .await;
    let heard = demo.heard(JANE, PRIMARY).await;
    assert!(heard[1].text.contains("could not be delivered"), "{heard:?}");
    onboard(&demo, JANE, "#dom123456").await;
    demo.verify();
}
