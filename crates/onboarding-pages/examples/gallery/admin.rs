//! The pages of the Organization Admin.

use std::error::Error;

use onboarding_core::{Candidate, Features, Stage, Trace, TraceStep, Verdict};
use onboarding_pages::{
    Area, Place, Tongue,
    admin::{
        Bar, Cell, Choice, ConnectPage, ConnectStep, Fact, FeaturesPage, Filter, Forecast, ListPage, Mark,
        Member, PoolCard, PoolsPage, Row, Section, StoryPage, SurePage, feature_groups, outcome_words, story,
    },
};

use crate::{Gallery, shell};

pub(crate) fn hang(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    features(gallery, tongue)?;
    lists(gallery, tongue)?;
    told(gallery, tongue)?;
    pools(gallery, tongue)?;
    whatsapp(gallery, tongue)?;
    connect(gallery, tongue)
}

fn connect(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    let words = tongue.admin_words();
    let step = |mark, state, text: &str| ConnectStep {
        mark,
        state,
        text: text.to_owned(),
    };
    let account = "200000000000001";
    let steps = [
        step(
            Mark::Good,
            words.connect_fine,
            "access token: valid, of app 300000000000001",
        ),
        step(
            Mark::Good,
            words.connect_fine,
            &format!("account {account}: 2 number(s), 1 template(s)"),
        ),
        step(
            Mark::Good,
            words.connect_fine,
            "number +852 5642 8035, id 100000000000001: connected",
        ),
        step(
            Mark::Waiting,
            words.connect_note,
            "number +852 5107 9302, id 100000000000002: disconnected",
        ),
        step(
            Mark::Waiting,
            words.connect_would,
            &format!("subscribe our app to account {account}"),
        ),
    ];
    let manifest = "[company]\nid = \"acme-wealth\"\nname = \"Acme Wealth\"\n\n[[official_accounts]]\nphone_number = \"+85256428035\"\n";
    let refusal = "account 12: cannot be looked at: WhatsApp refused it: (#100) there is no such account";
    for (state, accounts, steps, refusal, manifest) in [
        ("form", "", &[][..], None, None),
        ("found", account, &steps[..], None, Some(manifest)),
        ("refused", "12", &steps[..1], Some(refusal), None),
    ] {
        let page = ConnectPage {
            shell: shell(Area::Admin, Place::Other, tongue),
            section: Section::WhatsApp,
            accounts,
            steps,
            refusal,
            manifest,
            all_is_well: false,
        };
        gallery.hang(&format!("admin-connect-{state}-{}", tongue.tag()), &page)?;
    }
    Ok(())
}

fn whatsapp(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    let (shell, words) = (shell(Area::Admin, Place::Other, tongue), tongue.admin_words());
    let row = |kind: &str, name: &str, mark, state: &str, details: &str| Row {
        cells: vec![
            Cell::Text(kind.to_owned()),
            Cell::Code(name.to_owned()),
            Cell::Mark(mark, state.to_owned()),
            Cell::Text(details.to_owned()),
        ],
    };
    let left = format!("1987 / 2000 {}", words.limit_left);
    let paused =
        "account 200000000000001 · status: PAUSED · the template is paused. Mend it in WhatsApp Manager.";
    let fine = "account 200000000000001 · status: APPROVED · category: UTILITY · parameters: 1";
    let rows = [
        row(
            words.a_template,
            "invitation: acme_invitation (en)",
            Mark::Bad,
            words.template_refused,
            paused,
        ),
        row(
            words.a_template,
            "room_reminder: acme_reminder (en)",
            Mark::Good,
            words.template_ready,
            fine,
        ),
        row(words.a_limit, "account 200000000000001", Mark::Good, &left, ""),
        row(
            words.number,
            "+85256428035",
            Mark::Good,
            words.account_healthy,
            "",
        ),
        row(
            words.number,
            "+85251079302",
            Mark::Waiting,
            words.account_limited,
            "its quality is low",
        ),
    ];
    let page = ListPage {
        shell,
        section: Section::WhatsApp,
        search: None,
        filters: &[],
        columns: &[words.kind, words.name, words.state, words.details],
        rows: &rows,
        next: None,
        next_words: words.next_page,
        said: None,
        footnote: None,
        acts: &[],
        remark: None,
    };
    gallery.hang(&format!("admin-whatsapp-{}", tongue.tag()), &page)
}

fn features(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    for (state, search) in [("all", ""), ("found", "auto_promotion"), ("empty", "unicorn")] {
        let page = FeaturesPage {
            shell: shell(Area::Admin, Place::Other, tongue),
            search,
            groups: &feature_groups(&Features::default(), search, tongue),
            may_edit: true,
            saved: false,
        };
        gallery.hang(&format!("admin-features-{state}-{}", tongue.tag()), &page)?;
    }
    Ok(())
}

fn lists(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    let (shell, words) = (shell(Area::Admin, Place::Other, tongue), tongue.admin_words());
    let outcomes = [
        "onboarded",
        "no_secondary_number",
        "extension_not_found",
        "reminded",
        "ignored",
    ];
    let row = |name: &&str| {
        let (mark, outcome) = outcome_words(name, words);
        Row {
            cells: vec![
                Cell::Link(
                    "admin-story-en.html".to_owned(),
                    "2026-11-22 09:41:00 UTC".to_owned(),
                ),
                Cell::Mark(mark, outcome.to_owned()),
                Cell::Text("Robert Fox".to_owned()),
                Cell::Code("+85256428035".to_owned()),
            ],
        }
    };
    let rows: Vec<_> = outcomes.iter().map(row).collect();
    let filter = Filter {
        name: "outcome",
        label: words.outcome,
        choices: vec![Choice {
            value: "onboarded".to_owned(),
            label: words.out_onboarded.to_owned(),
        }],
        chosen: String::new(),
    };
    for (state, rows) in [("full", rows.as_slice()), ("empty", &[])] {
        let page = ListPage {
            shell,
            section: Section::Activity,
            search: Some(""),
            filters: std::slice::from_ref(&filter),
            columns: &[words.when, words.outcome, words.user, words.written_to],
            rows,
            next: Some("?page=2"),
            next_words: words.next_page,
            said: None,
            footnote: None,
            acts: &[],
            remark: None,
        };
        gallery.hang(&format!("admin-list-{state}-{}", tongue.tag()), &page)?;
    }
    let page = SurePage {
        shell,
        section: Section::DeadLetters,
        title: words.replay,
        meaning: words.replay_sure,
        subject: "131026: not on WhatsApp",
        action: "/admin/dead-letters/1/replay",
    };
    gallery.hang(&format!("admin-sure-{}", tongue.tag()), &page)
}

fn told(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    let words = tongue.admin_words();
    let candidate = |subject: &str, verdict, reason: &str| Candidate {
        subject: subject.to_owned(),
        verdict,
        reason: reason.to_owned(),
    };
    let numbers = vec![
        candidate(
            "+85251079302",
            Verdict::Refused,
            "a live room of this client is on it",
        ),
        candidate(
            "+85251079303",
            Verdict::Chosen,
            "fewest live rooms of the client's country",
        ),
        candidate("+6531000001", Verdict::Eligible, "has more live rooms"),
    ];
    let step = |stage, finding: &str, candidates| TraceStep {
        stage,
        finding: finding.to_owned(),
        candidates,
    };
    let trace = Trace::from_steps(vec![
        step(
            Stage::Request,
            "A new client wrote to the primary +85256428035 (text).",
            vec![],
        ),
        step(
            Stage::ExtensionLookup,
            "The extension #robert is Robert Fox's.",
            vec![],
        ),
        step(
            Stage::ChatRoomCheck,
            "Robert Fox and the client have no live room.",
            vec![],
        ),
        step(
            Stage::SecondaryNumberAllocation,
            "+85251079303 was found on the rung “country”.",
            numbers,
        ),
        step(Stage::Completion, "Opened the room.", vec![]),
        step(
            Stage::Completion,
            "Told the client whom to expect, then invited them.",
            vec![],
        ),
    ]);
    let fact = |label, value: &str| Fact {
        label,
        value: Cell::Text(value.to_owned()),
    };
    let page = StoryPage {
        shell: shell(Area::Admin, Place::Other, tongue),
        ending: outcome_words("onboarded", words),
        facts: &[
            fact(words.concerns, "Robert Fox"),
            fact(words.decided_at, "2026-11-22 09:41:00 UTC"),
            fact(words.written_to, "+85256428035"),
        ],
        steps: &story(&trace, words),
        held_back: true,
    };
    gallery.hang(&format!("admin-story-{}", tongue.tag()), &page)
}

fn pools(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    let words = tongue.admin_words();
    let member = |number: &str, primary, mark, state| Member {
        number: number.to_owned(),
        primary,
        mark,
        state,
        findings: vec![],
    };
    let mut blocked = member("+85251079303", false, Mark::Bad, words.account_blocked);
    blocked.findings = vec!["The number is disconnected. Register it again in WhatsApp Manager.".to_owned()];
    let bar = |country: &str, percent, mark| Bar {
        country: country.to_owned(),
        percent,
        mark,
        words: format!(
            "{percent} %, 12 {}, 0 {}",
            words.clients_count, words.without_number
        ),
    };
    let pool = PoolCard {
        id: "hk".to_owned(),
        serves: "Hong Kong, Private clients".to_owned(),
        members: vec![
            member("+85256428035", true, Mark::Good, words.account_healthy),
            member("+85251079302", false, Mark::Waiting, words.draining),
            blocked,
        ],
        default_region: "HK".to_owned(),
        fallback: true,
        geography: "MO → HK, CN → HK".to_owned(),
        bars: vec![
            bar("HK", 50, Mark::Good),
            bar("SG", 75, Mark::Waiting),
            bar("GB", 100, Mark::Bad),
        ],
        forecast: Some(Forecast {
            is_short: true,
            numbers: 2,
            needed: 3,
            turned_away: "4.20 %".to_owned(),
            used_up: onboarding_core::UsedUp::InDays(12),
        }),
    };
    let shell = shell(Area::Admin, Place::Other, tongue);
    for (state, pools) in [("full", std::slice::from_ref(&pool)), ("empty", &[])] {
        let page = PoolsPage {
            shell,
            pools,
            search: "",
            events: "/app/events",
            next: None,
            said: None,
            may_edit: true,
        };
        gallery.hang(&format!("admin-pools-{state}-{}", tongue.tag()), &page)?;
    }
    Ok(())
}
