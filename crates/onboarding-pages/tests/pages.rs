//! What every page must be, whatever it shows: safe under the content policy, and whole in each language.

#![expect(clippy::unwrap_used, reason = "an unwrap that panics is a test that fails")]

use askama::Template;
use onboarding_pages::{
    Area, DemoPerson, MessagePage, Place, SecondFactor, SetUpPage, Shell, SignInPage, Signed, Tongue,
    app::{
        ChatLine, ChatPage, ChatRow, ChatsPage, Code, CodePage, Delivery, NoticeRow, Person, ProfilePage,
        ProspectRow, RoomMark, TabPage,
    },
    assets,
};

/// What a client or a colleague may call themselves.
const HOSTILE: &str = "<script>alert(1)</script>\" onload='x' & {{ shell }}";

fn shell(area: Area, tongue: Tongue) -> Shell<'static> {
    Shell {
        area,
        place: Place::Chats,
        tongue,
        company: HOSTILE,
        signed: Some(Signed {
            name: HOSTILE,
            administrates: true,
            form_token: HOSTILE,
        }),
        demo: true,
    }
}

fn person(extension: Option<&str>) -> Person<'_> {
    Person {
        username: HOSTILE,
        name: HOSTILE,
        title: Some(HOSTILE),
        email: Some(HOSTILE),
        extension,
        primary_number: Some("+852 5642 8035"),
        org_units: &[HOSTILE, HOSTILE],
        roles: &[HOSTILE],
        external_companies: &[HOSTILE],
    }
}

const READY: Code<'static> = Code::Ready {
    link: "https://wa.me/85256428035?text=%23dom123456",
    image: "/app/code.svg",
    card: "/app/code-card.png",
};

fn room() -> ChatRow {
    ChatRow {
        id: "0198".to_owned(),
        client: HOSTILE.to_owned(),
        client_number: None,
        number: "+852 5107 9302".to_owned(),
        mark: RoomMark::Active,
        last: Some(HOSTILE.to_owned()),
        at: "2026-11-22T09:41:00Z".to_owned(),
        when: "09:41".to_owned(),
    }
}

/// Every page in every state, in one language.
fn pages(area: Area, tongue: Tongue) -> Vec<String> {
    let shell = shell(area, tongue);
    let mut pages = Vec::new();
    for (code, extension) in [
        (READY, Some("#dom123456")),
        (Code::Trouble, Some("#dom123456")),
        (Code::NoExtension, None),
    ] {
        let person = person(extension);
        pages.push(
            ProfilePage {
                shell,
                person,
                code,
                events: "/app/events",
            }
            .render()
            .unwrap(),
        );
        pages.push(
            CodePage {
                shell,
                person,
                code,
                events: "/app/events",
            }
            .render()
            .unwrap(),
        );
    }
    let prospect = ProspectRow {
        id: "0199".to_owned(),
        name: HOSTILE.to_owned(),
        text: HOSTILE.to_owned(),
        waits_for_number: false,
        at: "2026-11-22T09:41:00Z".to_owned(),
        when: "09:41".to_owned(),
    };
    let notice = NoticeRow {
        id: "0200".to_owned(),
        text: HOSTILE.to_owned(),
        at: "2026-11-22T09:41:00Z".to_owned(),
        when: "09:41".to_owned(),
    };
    for (notices, prospects, rooms) in [
        (vec![notice], vec![prospect], vec![room()]),
        (vec![], vec![], vec![]),
    ] {
        let chats = ChatsPage {
            shell,
            notices: &notices,
            prospects: &prospects,
            rooms: &rooms,
            older: Some("?cursor=x"),
            events: "/app/events",
        };
        pages.push(chats.render().unwrap());
    }
    let line = |ours| ChatLine {
        text: HOSTILE.to_owned(),
        ours,
        at: "2026-11-22T09:41:00Z".to_owned(),
        when: "09:41".to_owned(),
    };
    let chat = ChatPage {
        shell,
        room: &room(),
        lines: &[line(None), line(Some(Delivery::Read))],
        may_close: true,
        events: "/app/events",
    };
    pages.push(chat.render().unwrap());
    pages.extend(doors(shell));
    pages
}

/// The pages before one is signed in, and a message.
fn doors(shell: Shell<'_>) -> Vec<String> {
    let people = [DemoPerson {
        username: HOSTILE,
        name: HOSTILE,
        role: HOSTILE,
    }];
    let sign_in = SignInPage {
        shell: Shell {
            signed: None,
            ..shell
        },
        action: "/sign-in",
        provider: Some("/sign-in/company"),
        password: true,
        company: Some(HOSTILE),
        people: &people,
        error: Some(HOSTILE),
        form_token: "token",
    };
    let mut pages = vec![sign_in.render().unwrap()];
    for (needed, image) in [(true, Some("data:image/svg+xml;base64,AA==")), (false, None)] {
        let set_up = SetUpPage {
            shell: Shell {
                signed: None,
                ..shell
            },
            action: "/set-up/0",
            name: HOSTILE,
            username: HOSTILE,
            second_factor: SecondFactor {
                image,
                key: "GEZD GNBV",
                needed,
            },
            error: Some(HOSTILE),
        };
        pages.push(set_up.render().unwrap());
    }
    let message = MessagePage {
        shell,
        title: HOSTILE,
        text: HOSTILE,
    };
    pages.push(message.render().unwrap());
    pages
}

#[test]
fn the_tab_that_anybody_may_open_names_nobody_and_loads_the_way_to_somebody() {
    for tongue in Tongue::ALL {
        let page = TabPage {
            shell: Shell {
                signed: None,
                demo: false,
                company: tongue.words().leap_work,
                ..shell(Area::Teams, tongue)
            },
        };
        let page = page.render().unwrap();
        assert!(!page.contains("alert(1)"), "{page}");
        let scripts: Vec<_> = page.split("<script").skip(1).collect();
        assert!(
            scripts.len() == 2 && scripts[0].contains("MicrosoftTeams"),
            "{page}"
        );
        assert!(scripts[1].contains(&assets::address("teams.js")), "{page}");
        assert!(!page.contains(" style=\"") && !page.contains("<form"), "{page}");
        assert!(page.contains(tongue.words().tab_needs_script), "{page}");
    }
}

fn all_pages() -> impl Iterator<Item = String> {
    let languages = Tongue::ALL.into_iter();
    languages.flat_map(|tongue| {
        [Area::App, Area::Teams]
            .into_iter()
            .flat_map(move |area| pages(area, tongue))
    })
}

#[test]
fn nothing_that_people_wrote_becomes_markup() {
    for page in all_pages() {
        assert!(page.contains("&#60;script&#62;"), "{page}");
        assert!(!page.contains("<script>") && !page.contains("onload='"), "{page}");
    }
}

#[test]
fn no_page_needs_what_its_policy_forbids() {
    for page in all_pages() {
        for forbidden in [" style=\"", "<style", " onclick", "javascript:", "http://"] {
            assert!(!page.contains(forbidden), "{forbidden}\n{page}");
        }
        for script in page.split("<script").skip(1) {
            let microsofts = script.starts_with(" src=\"https://res.cdn.office.net/")
                && script.contains(" integrity=\"sha384-");
            assert!(script.contains(" src=\"/assets/") || microsofts, "{page}");
        }
    }
}

#[test]
fn every_asset_that_a_page_names_is_there() {
    for page in all_pages() {
        for named in page.split("\"/assets/").skip(1) {
            let path = named.split('"').next().unwrap();
            assert!(assets::find(path).is_some(), "{path}");
        }
    }
}

#[test]
fn every_page_says_its_language_and_direction() {
    for tongue in Tongue::ALL {
        let opening = format!("<html lang=\"{}\" dir=\"{}\"", tongue.tag(), tongue.dir());
        for page in pages(Area::App, tongue) {
            assert!(page.contains(&opening), "{page}");
        }
    }
}

#[test]
fn without_an_extension_there_is_no_icon_and_with_trouble_nothing_to_share() {
    let shell = shell(Area::App, Tongue::English);
    let page = |code, extension| {
        ProfilePage {
            shell,
            person: person(extension),
            code,
            events: "/app/events",
        }
        .render()
        .unwrap()
    };
    let without = page(Code::NoExtension, None);
    assert!(!without.contains("data-opens=\"qr\""));
    assert!(without.contains("Your company admin can give you one."));
    let trouble = page(Code::Trouble, Some("#dom123456"));
    assert!(trouble.contains("data-opens=\"qr\"") && trouble.contains("aria-disabled=\"true\""));
    assert!(trouble.contains("There has been an issue with the WhatsApp Business Account configuration."));
    assert!(!trouble.contains("wa.me") && !trouble.contains("data-shares"));
    let ready = page(READY, Some("#dom123456"));
    assert!(ready.contains("data-shares") && ready.contains("wa.me/85256428035"));
}
