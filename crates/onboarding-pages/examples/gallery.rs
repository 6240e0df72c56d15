//! Writes every page in every state as a file: `cargo run -p onboarding-pages --example gallery -- FOLDER`.

#[path = "gallery/admin.rs"]
mod admin;
#[path = "gallery/forms.rs"]
mod forms;
#[path = "gallery/imports.rs"]
mod imports;
#[path = "gallery/tokens.rs"]
mod tokens;

use std::{error::Error, fs, path::PathBuf};

use askama::Template;
use onboarding_pages::{
    Area, DemoPerson, MessagePage, Place, SecondFactor, SetUpPage, Shell, SignInPage, Signed, Tongue,
    app::{
        ChatLine, ChatPage, ChatRow, ChatsPage, Code, CodePage, Delivery, NoticeRow, Person, ProfilePage,
        ProspectRow, RoomMark, TabPage,
    },
    assets,
};

const CODE: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'%3E%3Cpath d='M1 1h2v2h-2zM6 1h2v2h-2zM1 6h2v2h-2zM4 4h1v1h-1zM6 6h1v1h-1z'/%3E%3C/svg%3E";

fn shell(area: Area, place: Place, tongue: Tongue) -> Shell<'static> {
    Shell {
        area,
        place,
        tongue,
        company: "Acme Wealth",
        signed: Some(Signed {
            name: "Robert Fox",
            administrates: true,
            form_token: "token",
        }),
        demo: true,
    }
}

const PERSON: Person<'static> = Person {
    username: "robert",
    name: "Robert Fox",
    title: Some("Relationship Manager"),
    email: Some("robert.fox@acme.example"),
    extension: Some("#robert"),
    primary_number: Some("+852 5642 8035"),
    org_units: &["Acme Wealth", "Hong Kong", "Private clients"],
    roles: &["User", "Admin"],
    external_companies: &["Globex"],
};

const READY: Code<'static> = Code::Ready {
    link: "https://wa.me/85256428035?text=%23robert",
    image: CODE,
    card: CODE,
};

fn room(id: &str, client: &str, mark: RoomMark, last: &str) -> ChatRow {
    ChatRow {
        id: id.to_owned(),
        client: client.to_owned(),
        client_number: (mark != RoomMark::Invited).then(|| "+44 7700 900123".to_owned()),
        number: "+852 5107 9302".to_owned(),
        mark,
        last: Some(last.to_owned()),
        at: "2026-11-22T09:41:00Z".to_owned(),
        when: "22 Nov, 09:41".to_owned(),
    }
}

fn line(text: &str, ours: Option<Delivery>) -> ChatLine {
    ChatLine {
        text: text.to_owned(),
        ours,
        at: "2026-11-22T09:41:00Z".to_owned(),
        when: "09:41".to_owned(),
    }
}

/// A folder of pages.
struct Gallery(PathBuf);

impl Gallery {
    fn hang(&self, name: &str, page: &impl Template) -> Result<(), Box<dyn Error>> {
        Ok(fs::write(self.0.join(format!("{name}.html")), page.render()?)?)
    }

    fn profiles(&self, area: Area, tongue: Tongue) -> Result<(), Box<dyn Error>> {
        let shell = shell(area, Place::Profile, tongue);
        let (base, tag) = (area.base().trim_start_matches('/'), tongue.tag());
        for (state, code, extension) in [
            ("ready", READY, PERSON.extension),
            ("trouble", Code::Trouble, PERSON.extension),
            ("no-extension", Code::NoExtension, None),
        ] {
            let person = Person { extension, ..PERSON };
            self.hang(
                &format!("{base}-profile-{state}-{tag}"),
                &ProfilePage {
                    shell,
                    person,
                    code,
                    events: "/app/events",
                },
            )?;
            self.hang(
                &format!("{base}-code-{state}-{tag}"),
                &CodePage {
                    shell,
                    person,
                    code,
                    events: "/app/events",
                },
            )?;
        }
        Ok(())
    }

    fn chats(&self, tongue: Tongue) -> Result<(), Box<dyn Error>> {
        let (shell, tag) = (shell(Area::App, Place::Chats, tongue), tongue.tag());
        let invitation = "Robert Fox of Acme Wealth would like to talk with you here.";
        let rooms = [
            room("1", "Jane Roe", RoomMark::Active, "Thank you, speak on Monday."),
            room("2", "Ana Souza", RoomMark::Invited, invitation),
            room("3", "陳大文", RoomMark::Closed, "再見"),
            room("4", "سارة أحمد", RoomMark::Failed, invitation),
        ];
        let prospects = [ProspectRow {
            id: "9".to_owned(),
            name: "Kim Lee".to_owned(),
            text: "Hello, #robert please".to_owned(),
            waits_for_number: false,
            at: "2026-11-22T09:41:00Z".to_owned(),
            when: "22 Nov, 09:41".to_owned(),
        }];
        let notices = [NoticeRow {
            id: "7".to_owned(),
            text: "A client who asked for you could not be connected: no number is free for them.".to_owned(),
            at: "2026-11-22T09:40:00Z".to_owned(),
            when: "22 Nov, 09:40".to_owned(),
        }];
        let page = ChatsPage {
            shell,
            notices: &notices,
            prospects: &prospects,
            rooms: &rooms,
            older: Some("?cursor=1"),
            events: "/app/events",
        };
        self.hang(&format!("chats-{tag}"), &page)?;
        let empty = ChatsPage {
            shell,
            notices: &[],
            prospects: &[],
            rooms: &[],
            older: None,
            events: "/app/events",
        };
        self.hang(&format!("chats-empty-{tag}"), &empty)?;
        let lines = [
            line(invitation, Some(Delivery::Read)),
            line("Hello Robert, thank you for writing.\nWhen can we talk?", None),
            line("شكرا جزيلا", None),
            line(
                "This is a reminder that you can write to Robert Fox here.",
                Some(Delivery::Delivered),
            ),
            line("And one that never arrived.", Some(Delivery::Failed)),
        ];
        let chat = ChatPage {
            shell,
            room: &rooms[0],
            lines: &lines,
            may_close: true,
            events: "/app/events",
        };
        self.hang(&format!("chat-{tag}"), &chat)
    }

    fn doors(&self, tongue: Tongue) -> Result<(), Box<dyn Error>> {
        let shell = Shell {
            signed: None,
            ..shell(Area::App, Place::Other, tongue)
        };
        let people = [
            DemoPerson {
                username: "robert",
                name: "Robert Fox",
                role: "Relationship Manager",
            },
            DemoPerson {
                username: "kate",
                name: "Kate Wong",
                role: "Company admin",
            },
        ];
        let page = SignInPage {
            shell,
            action: "/sign-in",
            provider: Some("/sign-in/company"),
            password: true,
            company: None,
            people: &people,
            error: Some("Wrong username or password."),
            form_token: "token",
        };
        self.hang(&format!("sign-in-{}", tongue.tag()), &page)?;
        for needed in [true, false] {
            let page = SetUpPage {
                shell,
                action: "/set-up/0",
                name: "Robert Fox",
                username: "robert",
                second_factor: SecondFactor {
                    image: Some(CODE),
                    key: "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
                    needed,
                },
                error: needed.then_some(tongue.words().code_wrong),
            };
            let state = if needed { "admin" } else { "user" };
            self.hang(&format!("set-up-{state}-{}", tongue.tag()), &page)?;
        }
        let page = MessagePage {
            shell,
            title: "Not found",
            text: "There is no such page.",
        };
        self.hang(&format!("message-{}", tongue.tag()), &page)?;
        let page = TabPage {
            shell: Shell {
                area: Area::Teams,
                ..shell
            },
        };
        self.hang(&format!("tab-{}", tongue.tag()), &page)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    fs::create_dir_all(folder.join("assets"))?;
    for asset in assets::all() {
        fs::write(folder.join("assets").join(&asset.path), &asset.bytes)?;
    }
    let gallery = Gallery(folder);
    for tongue in Tongue::ALL {
        gallery.profiles(Area::App, tongue)?;
        gallery.profiles(Area::Teams, tongue)?;
        gallery.chats(tongue)?;
        gallery.doors(tongue)?;
        admin::hang(&gallery, tongue)?;
        forms::hang(&gallery, tongue)?;
        imports::hang(&gallery, tongue)?;
        tokens::hang(&gallery, tongue)?;
    }
    Ok(())
}
