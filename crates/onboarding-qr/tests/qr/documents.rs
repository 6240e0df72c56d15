//! The PDF, opened and rendered by a reader that is not the writer.

use std::collections::BTreeSet;

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf,
    render, vello_cpu::color::palette::css::WHITE,
};
use image::{GrayImage, imageops::crop_imm};
use onboarding_qr::{Badge, DrawError, NoSheet, badge_sheet, badge_sheet_tag};

use crate::{
    LINK,
    camera::{rqrr, zbar},
    code, fonts, languages,
};

/// The pages at about 200 dots an inch.
fn pages(pdf: Vec<u8>) -> Vec<GrayImage> {
    let pdf = Pdf::new(pdf).unwrap();
    let cache = RenderCache::new();
    let settings = PixmapSettings {
        x_scale: 2.8,
        y_scale: 2.8,
        bg_color: WHITE,
    };
    let rendered = pdf.pages().iter().map(|page| {
        let drawn = render(
            page,
            &cache,
            &InterpreterSettings::default(),
            &RenderSettings::default(),
            &settings,
        );
        image::load_from_memory(&drawn.into_png().unwrap())
            .unwrap()
            .to_luma8()
    });
    rendered.collect()
}

/// The badge as a person holds it: two columns of five in the middle of the paper.
fn cut_out(page: &GrayImage, index: usize) -> GrayImage {
    let index = u32::try_from(index).unwrap();
    let (width, height) = (page.width() * 856 / 2100, page.height() * 540 / 2970);
    let left = page.width() * 194 / 2100 + (index % 2) * width;
    let top = page.height() * 135 / 2970 + (index / 2) * height;
    crop_imm(page, left, top, width, height).to_image()
}

#[test]
fn every_badge_of_every_page_is_read() {
    let links: Vec<String> = (0..13).map(|n| format!("{LINK}{n}")).collect();
    let codes: Vec<_> = links.iter().map(|link| code(link)).collect();
    let badges: Vec<_> = codes
        .iter()
        .map(|code| Badge {
            name: "陳大文 <b>&</b>",
            title: None,
            company: "Acme Wealth",
            code,
        })
        .collect();
    for tag in ["en", "ar"] {
        let pages = pages(badge_sheet(&badges, &languages(&[tag]), &fonts()).unwrap());
        assert_eq!(pages.len(), 2);
        for (index, link) in links.iter().enumerate() {
            let badge = cut_out(&pages[index / 10], index % 10);
            assert_eq!(rqrr(&badge), [link.as_str()], "{tag}");
            assert_eq!(zbar(&badge), [link.as_str()], "{tag}");
        }
    }
}

#[test]
fn no_badges_are_a_blank_page_and_the_same_badges_the_same_bytes() {
    let blank = badge_sheet(&[], &[], &fonts()).unwrap();
    let pages = pages(blank.clone());
    assert_eq!(pages.len(), 1);
    assert!(pages[0].pixels().all(|pixel| pixel.0 == [255]));
    assert_eq!(blank, badge_sheet(&[], &[], &fonts()).unwrap());
}

#[test]
fn a_badge_that_cannot_be_drawn_is_named_by_its_place() {
    let (fine, long) = (
        code(LINK),
        code(&format!(
            "https://wa.me/85256428035?text={}",
            "%E9%99%B3".repeat(60)
        )),
    );
    let badge = |name, code| Badge {
        name,
        title: None,
        company: "Acme",
        code,
    };
    let well = badge("Robert Fox", &fine);
    for (bad, error) in [
        (badge("Robert Fox", &long), DrawError::TooLongForBadge),
        (
            badge("陳水扁", &fine),
            DrawError::NoGlyph {
                letters: "扁水".to_owned(),
            },
        ),
    ] {
        for index in [0, 11] {
            let mut badges = [well; 12];
            badges[index] = bad;
            let refused = badge_sheet(&badges, &languages(&["en"]), &fonts());
            let error = error.clone();
            assert_eq!(refused.unwrap_err(), NoSheet::Badge { index, error });
        }
    }
}

#[test]
fn a_sheet_is_named_by_all_that_is_on_it() {
    let codes = [code(LINK), code(&format!("{LINK}7"))];
    let badge = Badge {
        name: "Robert Fox",
        title: Some("Adviser"),
        company: "Acme",
        code: &codes[0],
    };
    let tag = |badges: &[Badge<'_>], tags: &[&str]| badge_sheet_tag(badges, &languages(tags), &fonts());
    let mut names = vec![
        tag(&[], &["en"]),
        tag(&[badge], &["en"]),
        tag(&[badge], &["ar"]),
        tag(&[badge, badge], &["en"]),
    ];
    for other in [
        Badge { name: "Bob", ..badge },
        Badge { title: None, ..badge },
        Badge {
            company: "Initech",
            ..badge
        },
        Badge {
            code: &codes[1],
            ..badge
        },
    ] {
        names.push(tag(&[other], &["en"]));
    }
    let different: BTreeSet<_> = names.iter().collect();
    assert_eq!(different.len(), names.len());
    assert_eq!(tag(&[badge], &["en"]), names[1]);
}
