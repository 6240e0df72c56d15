//! Draws one of everything into a folder, to be looked at: `cargo run -p onboarding-qr --example pictures -- FOLDER`.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use onboarding_core::Language;
use onboarding_qr::{Badge, Card, Code, Fonts, Mark, Size, Theme, badge_sheet};

const LINK: &str = "https://wa.me/85256428035?text=%23dom123456";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("say into which folder")?);
    fs::create_dir_all(&folder)?;
    let fonts = Fonts::embedded().with_system();
    let code = Code::new(LINK, Mark::Bubble)?;
    fs::write(folder.join("code.svg"), code.svg(Size::CODE))?;
    fs::write(folder.join("code.png"), code.png(Size::CODE)?)?;
    for (file, name, title, company, tags, theme) in [
        (
            "en-light",
            "Robert Fox",
            "Relationship Manager",
            "Acme Wealth",
            &["en"][..],
            Theme::Light,
        ),
        ("en-dark", "Robert Fox", "", "Acme Wealth", &["en"], Theme::Dark),
        (
            "zh-light",
            "陳大文",
            "客戶關係經理",
            "Acme 財富管理有限公司",
            &["zh-HK", "en"],
            Theme::Light,
        ),
        (
            "ar-dark",
            "محمد عبد الله",
            "مدير علاقات العملاء",
            "Acme Wealth",
            &["ar"],
            Theme::Dark,
        ),
        (
            "he-light",
            "מיכל לוי-כהן",
            "מנהלת קשרי לקוחות",
            "Acme Wealth",
            &["he", "en"],
            Theme::Light,
        ),
        (
            "long-dark",
            "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff Sr. of Philadelphia",
            "Senior Executive Vice President for Private Wealth and Family Offices in Asia Pacific",
            "Acme International Wealth Management and Trustee Services (Hong Kong) Limited",
            &["en", "zh-HK"],
            Theme::Dark,
        ),
    ] {
        let languages = tags
            .iter()
            .map(|tag| Language::parse(tag))
            .collect::<Result<Vec<_>, _>>()?;
        let title = Some(title).filter(|title| !title.is_empty());
        let languages = &languages;
        let card = Card {
            name,
            title,
            company,
            languages,
            avatar: None,
            code: &code,
            theme,
        };
        fs::write(
            folder.join(format!("card-{file}.png")),
            card.png(&fonts, Size::CARD)?,
        )?;
        fs::write(
            folder.join(format!("card-{file}.svg")),
            card.svg(&fonts, Size::CARD)?,
        )?;
    }
    badges(&folder, &fonts, &code)
}

fn badges(folder: &Path, fonts: &Fonts, code: &Code) -> Result<(), Box<dyn Error>> {
    let badges: Vec<Badge<'_>> = [
        ("Robert Fox", Some("Relationship Manager")),
        ("陳大文", Some("客戶關係經理")),
        ("Zoë Ångström-Müller", None),
        (
            "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff",
            Some("Senior Vice President, Family Offices"),
        ),
        ("محمد عبد الله", Some("مدير علاقات العملاء")),
    ]
    .into_iter()
    .map(|(name, title)| Badge {
        name,
        title,
        company: "Acme Wealth",
        code,
    })
    .collect();
    for tag in ["en", "zh-HK", "ar"] {
        let sheet = badge_sheet(
            &[&badges[..], &badges[..]].concat(),
            &[Language::parse(tag)?],
            fonts,
        )?;
        fs::write(folder.join(format!("badges-{tag}.pdf")), sheet)?;
    }
    Ok(())
}
