use std::time::Duration;

use super::*;

const AT: Timestamp = Timestamp::from_unix_seconds(1_795_346_100);

fn fact(value: &str, at: Timestamp) -> PlatformFact {
    PlatformFact::good(Subject::App, FactName::Token, value, at)
}

#[test]
fn limits_are_read_as_tier_and_as_number() {
    for (word, people) in [
        ("TIER_250", Some(250)),
        ("TIER_2K", Some(2_000)),
        ("TIER_100K", Some(100_000)),
        ("2000", Some(2_000)),
        ("TIER_UNLIMITED", None),
    ] {
        assert_eq!(read_messaging_limit(word), Some(people), "{word}");
    }
    for unreadable in ["", "TIER_NOT_SET", "many", "99999999999K"] {
        assert!(
            !matches!(read_messaging_limit(unreadable), Some(Some(_))),
            "{unreadable}"
        );
    }
}

#[test]
fn what_is_older_or_known_is_no_news() {
    let mut platform = Platform::default();
    platform.put(fact("new", AT));
    let earlier = AT - Duration::from_secs(1);
    assert_eq!(
        platform.news(vec![fact("old", earlier)]),
        [],
        "late, so it holds no more"
    );
    let later = AT + Duration::from_secs(1);
    assert_eq!(
        platform.news(vec![fact("new", later)]),
        [],
        "a poll says what is known"
    );
    let other = fact("other", later);
    assert_eq!(platform.news(vec![other.clone()]), std::slice::from_ref(&other));
    let worse = other.clone().but(Health::Blocked, "why");
    assert_eq!(
        platform.news(vec![other, worse.clone()]),
        [worse],
        "of two about one thing the later one stays"
    );
}

#[test]
fn every_subject_is_known_by_its_key() {
    let template = Subject::Template {
        waba_id: "1".to_owned(),
        name: "a/b".to_owned(),
        language: "en_US".to_owned(),
    };
    for subject in [
        Subject::App,
        Subject::Number("2".to_owned()),
        Subject::BusinessAccount("3".to_owned()),
        template,
    ] {
        assert_eq!(Subject::from_key(subject.kind(), &subject.key()), Some(subject));
    }
    assert_eq!(Subject::from_key("planet", "1"), None);
}
