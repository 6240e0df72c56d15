//! What the pages of the Organization Admin must be, whatever they show.

#![expect(clippy::unwrap_used, reason = "an unwrap that panics is a test that fails")]

use askama::Template;
use onboarding_core::{Candidate, Features, Stage, Trace, TraceStep, Verdict, access::TokenScope};
use onboarding_pages::{
    Area, Place, Shell, Signed, Tongue,
    admin::{
        Bar, Cell, Fact, FeaturesPage, Forecast, ListPage, MadeTokenPage, Mark, Member, NewTokenPage,
        PoolCard, PoolsPage, Row, Section, StoryPage, SurePage, feature_groups, story,
    },
    assets,
};

/// What a client or a colleague may call themselves.
const HOSTILE: &str = "<script>alert(1)</script>\" onload='x' & {{ shell }}";

fn shell(tongue: Tongue) -> Shell<'static> {
    Shell {
        area: Area::Admin,
        place: Place::Other,
        tongue,
        company: HOSTILE,
        signed: Some(Signed {
            name: HOSTILE,
            administrates: true,
            form_token: "token",
        }),
        demo: true,
    }
}

fn list(tongue: Tongue, rows: &[Row]) -> String {
    ListPage {
        shell: shell(tongue),
        section: Section::Users,
        search: Some(HOSTILE),
        filters: &[],
        columns: &["a", "b"],
        rows,
        next: Some("?page=2"),
        next_words: "next",
        said: Some((true, HOSTILE)),
        footnote: None,
        acts: &[],
        remark: None,
    }
    .render()
    .unwrap()
}

fn told(tongue: Tongue) -> String {
    let candidate = |verdict| Candidate {
        subject: HOSTILE.to_owned(),
        verdict,
        reason: HOSTILE.to_owned(),
    };
    let step = |stage, candidates| TraceStep {
        stage,
        finding: HOSTILE.to_owned(),
        candidates,
    };
    let all = Verdict::ALL.iter().map(|one| candidate(*one)).collect();
    let mut steps: Vec<_> = Stage::ALL.iter().map(|stage| step(*stage, vec![])).collect();
    steps.push(step(Stage::Completion, all));
    StoryPage {
        shell: shell(tongue),
        ending: (Mark::Good, HOSTILE),
        facts: &[Fact {
            label: "who",
            value: Cell::Text(HOSTILE.to_owned()),
        }],
        steps: &story(&Trace::from_steps(steps), tongue.admin_words()),
        held_back: true,
    }
    .render()
    .unwrap()
}

fn pools(tongue: Tongue) -> String {
    let pool = PoolCard {
        id: "hk".to_owned(),
        serves: HOSTILE.to_owned(),
        members: vec![Member {
            number: "+85256428035".to_owned(),
            primary: true,
            mark: Mark::Bad,
            state: "Blocked",
            findings: vec![HOSTILE.to_owned()],
        }],
        default_region: "HK".to_owned(),
        fallback: true,
        geography: HOSTILE.to_owned(),
        bars: vec![Bar {
            country: "HK".to_owned(),
            percent: 50,
            mark: Mark::Good,
            words: HOSTILE.to_owned(),
        }],
        forecast: Some(Forecast {
            is_short: true,
            numbers: 2,
            needed: 3,
            turned_away: "1.00 %".to_owned(),
            used_up: onboarding_core::UsedUp::Unknown,
        }),
    };
    let shell = shell(tongue);
    PoolsPage {
        shell,
        pools: &[pool],
        search: "",
        events: "/app/events",
        next: None,
        said: None,
        may_edit: true,
    }
    .render()
    .unwrap()
}

fn pages(tongue: Tongue) -> Vec<String> {
    let row = Row {
        cells: vec![Cell::Text(HOSTILE.to_owned()), Cell::Code(HOSTILE.to_owned())],
    };
    let features = FeaturesPage {
        shell: shell(tongue),
        search: HOSTILE,
        groups: &feature_groups(&Features::default(), "", tongue),
        may_edit: true,
        saved: true,
    };
    let sure = SurePage {
        shell: shell(tongue),
        section: Section::DeadLetters,
        title: HOSTILE,
        meaning: HOSTILE,
        subject: HOSTILE,
        action: "/admin/dead-letters/1/replay",
    };
    let new_token = NewTokenPage {
        shell: shell(tongue),
        name: HOSTILE,
        scopes: &[TokenScope::RoomsRead],
        days: 90,
        error: Some(HOSTILE),
    };
    let made_token = MadeTokenPage {
        shell: shell(tongue),
        name: HOSTILE,
        secret: "lxo_secret",
    };
    vec![
        new_token.render().unwrap(),
        made_token.render().unwrap(),
        list(tongue, &[row]),
        list(tongue, &[]),
        told(tongue),
        pools(tongue),
        features.render().unwrap(),
        sure.render().unwrap(),
    ]
}

#[test]
fn the_admin_shows_what_people_wrote_as_text_and_needs_nothing_that_its_policy_forbids() {
    for page in Tongue::ALL.into_iter().flat_map(pages) {
        assert!(page.contains("&#60;script&#62;"), "{page}");
        for forbidden in [
            "<script>",
            "onload='",
            " style=\"",
            "<style",
            " onclick",
            "javascript:",
        ] {
            assert!(!page.contains(forbidden), "{forbidden}\n{page}");
        }
        for named in page.split("\"/assets/").skip(1) {
            assert!(
                assets::find(named.split('"').next().unwrap()).is_some(),
                "{named}"
            );
        }
    }
}

#[test]
fn a_story_tells_every_step_and_every_verdict_in_words() {
    for tongue in Tongue::ALL {
        let (page, words) = (told(tongue), tongue.admin_words());
        for wanted in [
            words.stage_request,
            words.stage_identification,
            words.stage_extension_lookup,
            words.stage_chat_room_check,
            words.stage_profile,
            words.stage_number,
            words.stage_completion,
            words.verdict_chosen,
            words.verdict_eligible,
            words.verdict_refused,
        ] {
            assert!(page.contains(&wanted.replace('\'', "&#39;")), "{wanted}\n{page}");
        }
        for code in Stage::ALL.iter().map(|stage| stage.as_str()) {
            assert!(code == "request" || !page.contains(code), "{code} is a code");
        }
    }
}

#[test]
fn a_switch_is_found_by_its_name_and_by_its_key() {
    for search in ["Auto promotion", "features.auto_promotion", " AUTO_PROMOTION "] {
        let found = feature_groups(&Features::default(), search, Tongue::English);
        let rows: Vec<_> = found.iter().flat_map(|group| &group.rows).collect();
        assert_eq!(rows.len(), 1, "{search}");
        assert_eq!(
            (rows[0].key, rows[0].value.as_str()),
            ("features.auto_promotion", "On")
        );
    }
    assert!(feature_groups(&Features::default(), "unicorn", Tongue::English).is_empty());
}
