//! The forms of the Organization Admin.

use std::error::Error;

use onboarding_pages::{
    Area, Place, Tongue,
    admin::{Choice, Field, FormPage, Input, MadeLinkPage, Preview, Refused, Section, TextPage},
};

use crate::{Gallery, shell};

fn field(name: &str, label: &'static str, input: Input) -> Field {
    Field {
        name: name.to_owned(),
        label,
        hint: None,
        input,
        needed: true,
        mistakes: Vec::new(),
    }
}

fn choices(all: &[&str]) -> Vec<Choice> {
    let choice = |name: &&str| Choice {
        value: (*name).to_owned(),
        label: (*name).to_owned(),
    };
    all.iter().map(choice).collect()
}

fn of_user(tongue: Tongue) -> Vec<Field> {
    let (a, e) = (tongue.admin_words(), tongue.edit_words());
    let line = |text: &str, code| Input::Line(text.to_owned(), code);
    let units = choices(&["Hong Kong", "Private clients", "Singapore"]);
    let firms = choices(&["Globex", "Initrode"]);
    let roles = choices(&[a.role_user, a.role_admin, a.role_auditor]);
    vec![
        field("username", a.username, Input::Fixed("mia".to_owned())),
        field("name", a.name, line("Mia Wong", false)),
        Field {
            hint: Some(e.job_title_hint),
            ..field("title", e.job_title, line("Relationship manager", false))
        },
        field("email", e.email, line("mia@acme.example", true)),
        field(
            "org_unit",
            a.org_unit,
            Input::One(units, "Hong Kong".to_owned(), None),
        ),
        Field {
            hint: Some(e.extension_hint),
            mistakes: vec!["somebody else has this extension; choose another".to_owned()],
            ..field("extension", a.extension, line("#dom123456", true))
        },
        field(
            "external_companies",
            a.external_companies,
            Input::Many(firms, vec!["Globex".to_owned()]),
        ),
        field("roles", a.roles, Input::Many(roles, vec![a.role_user.to_owned()])),
        field("on", a.fallback_upward, Input::Switch(true)),
    ]
}

pub(crate) fn hang(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    let (shell, e) = (shell(Area::Admin, Place::Other, tongue), tongue.edit_words());
    let fields = of_user(tongue);
    let mistakes = ["this would not fit the rest: pools/hk/org_units/0: no such unit".to_owned()];
    let form = FormPage {
        shell,
        section: Section::Users,
        title: e.user_one,
        about: None,
        action: "/admin/users/mia",
        tag: "tag",
        fields: &fields,
        refused: Some(Refused::Mistakes(&mistakes)),
        button: e.save,
        danger: false,
        also: &[
            ("/admin/users/mia/set-up-link".to_owned(), e.set_up_link),
            ("/admin/users/mia/sessions".to_owned(), e.end_sessions),
        ],
        removal: Some(("/admin/users/mia/removal", e.user_leave)),
    };
    gallery.hang(&format!("admin-form-{}", tongue.tag()), &form)?;
    let asked = [
        fields[0].clone(),
        Field {
            hint: Some(e.hand_over_to_hint),
            ..field("hand_over_to", e.hand_over_to, Input::Line(String::new(), true))
        },
    ];
    let removal = FormPage {
        title: e.user_leave,
        about: Some(e.user_leave_sure),
        fields: &asked,
        refused: Some(Refused::Stale),
        button: e.user_leave,
        danger: true,
        also: &[],
        removal: None,
        ..form
    };
    gallery.hang(&format!("admin-removal-{}", tongue.tag()), &removal)?;
    link_made(gallery, tongue)?;
    let text = Field {
        hint: Some(e.text_hint),
        ..field(
            "texts",
            e.text,
            Input::Area(
                "This chat with {company_name} is closed. Write to {primary_number}.".to_owned(),
                false,
            ),
        )
    };
    let previews = [
        Preview {
            language: "en",
            text: "This chat with Acme Wealth is closed. Write to +85256428035.",
        },
        Preview {
            language: "ar",
            text: "هذه المحادثة مع Acme Wealth مغلقة. اكتب إلى +85256428035.",
        },
        Preview {
            language: "zh-HK",
            text: "與 Acme Wealth 的對話已關閉。請聯絡 +85256428035。",
        },
    ];
    let page = TextPage {
        shell,
        key: "room_closed",
        language: "en",
        action: "/admin/texts/en/room_closed",
        tag: "tag",
        field: &text,
        placeholders: &["user_name", "company_name", "primary_number"],
        previews: &previews,
        is_own: true,
        refused: None,
    };
    gallery.hang(&format!("admin-text-{}", tongue.tag()), &page)
}

fn link_made(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    let made = MadeLinkPage {
        shell: shell(Area::Admin, Place::Other, tongue),
        name: "mia",
        link: "https://onboarding.example.com/set-up/0123456789abcdefghijklmnopqrstuvwxyz0123456",
        until: ("2026-11-24T11:13:21Z", "2026-11-24 11:13:21 UTC"),
    };
    gallery.hang(&format!("admin-link-made-{}", tongue.tag()), &made)
}
