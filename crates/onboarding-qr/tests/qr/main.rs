//! What is drawn is read by two decoders, and is safe to show.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod camera;
mod documents;
mod links;
mod logos;
mod reading;
mod safety;

use onboarding_core::Language;
use onboarding_qr::{Card, Code, Fonts, Mark, Theme};

const LINK: &str = "https://wa.me/85256428035?text=%23dom123456";

fn fonts() -> Fonts {
    Fonts::embedded()
        .with_font(include_bytes!("../fonts/names.ttf").to_vec())
        .unwrap()
}

fn code(link: &str) -> Code {
    Code::new(link, Mark::Bubble).unwrap()
}

fn languages(tags: &[&str]) -> Vec<Language> {
    tags.iter().map(|tag| Language::parse(tag).unwrap()).collect()
}

fn card<'a>(name: &'a str, languages: &'a [Language], code: &'a Code) -> Card<'a> {
    Card {
        name,
        title: Some("Relationship Manager"),
        company: "Acme Wealth",
        languages,
        avatar: None,
        code,
        theme: Theme::Light,
    }
}
