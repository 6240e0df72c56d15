//! The PDF, opened and rendered by a reader that is not the writer.

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf,
    render, vello_cpu::color::palette::css::WHITE,
};
use image::{GrayImage, imageops::crop_imm};
use onboarding_qr::{Badge, DrawError, badge_sheet};

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
fn a_code_too_fine_for_a_badge_is_refused_by_name() {
    let code = code(&format!(
        "https://wa.me/85256428035?text={}",
        "%E9%99%B3".repeat(60)
    ));
    let badge = Badge {
        name: "Robert Fox",
        title: None,
        company: "Acme",
        code: &code,
    };
    let refused = badge_sheet(&[badge], &languages(&["en"]), &fonts());
    let name = "Robert Fox".to_owned();
    assert_eq!(refused, Err(DrawError::TooLongForBadge { name }));
}
