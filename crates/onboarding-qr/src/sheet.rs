//! Badges to print and cut out: A4, ten a page.

use std::fmt::Write;

use krilla::{Document, geom::Size as PageSize, metadata::Metadata, page::PageSettings};
use krilla_svg::{SurfaceExt, SvgSettings};
use onboarding_core::Language;

use crate::{
    card::{Theme, main_language},
    code::Code,
    draw::{DrawError, drawable, laid_out},
    fonts::Fonts,
    tag::content_tag,
    text::{Anchor, Block, Place, is_rtl},
    words::sentences,
};

/// One badge.
#[derive(Debug, Clone, Copy)]
pub struct Badge<'a> {
    /// The user's name.
    pub name: &'a str,
    /// Their position, if any.
    pub title: Option<&'a str>,
    /// The company's name.
    pub company: &'a str,
    /// Their code.
    pub code: &'a Code,
}

/// Why a sheet was not drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSheet {
    /// A badge cannot be drawn.
    #[error("badge {}: {error}", .index + 1)]
    Badge {
        /// The first of those that cannot, counted from 0.
        index: usize,
        /// Why.
        error: DrawError,
    },
    /// The paper around them.
    #[error(transparent)]
    Paper(#[from] DrawError),
}

/// A4 in tenths of a millimetre, as everything here.
const PAGE: (f64, f64) = (2100.0, 2970.0);
/// Of a bank card, so that it fits the holders that there are.
const BADGE: (f64, f64) = (856.0, 540.0);
const COLUMNS: usize = 2;
const ROWS: usize = 5;
const EDGE: f64 = 40.0;
const CODE: f64 = 410.0;
/// A module of less than 0.35 mm is read only from very near.
const LEAST_MODULE: f64 = 3.5;
const TEXT: f64 = BADGE.0 - CODE - 2.0 * EDGE + 10.0;
const POINTS: f64 = 72.0 / 254.0;

/// A PDF of badges for A4 paper, two columns of five, each of the size of a bank card between hairlines to cut along.
/// Codes are vectors, texts are text. The sentence is in the first language.
///
/// Without a badge it is one blank page.
pub fn badge_sheet(badges: &[Badge<'_>], languages: &[Language], fonts: &Fonts) -> Result<Vec<u8>, NoSheet> {
    let language = main_language(languages);
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title("QR code badges".to_owned())
            .language(language.to_string()),
    );
    let blank: &[Badge<'_>] = &[];
    let pages: Vec<&[Badge<'_>]> = match badges {
        [] => vec![blank],
        badges => badges.chunks(COLUMNS * ROWS).collect(),
    };
    for (number, badges) in pages.into_iter().enumerate() {
        let page = page(badges, languages, fonts).map_err(|(place, error)| NoSheet::Badge {
            index: number * COLUMNS * ROWS + place,
            error,
        })?;
        add_page(&mut document, &page, fonts, &language)?;
    }
    let document = document.finish();
    document.map_err(|error| DrawError::Defect(format!("{error:?}")).into())
}

/// Names the sheet of these badges, for caches, without drawing it.
pub fn badge_sheet_tag(badges: &[Badge<'_>], languages: &[Language], fonts: &Fonts) -> String {
    let languages: Vec<&str> = languages.iter().map(Language::as_str).collect();
    let of_badge = |badge: &Badge<'_>| {
        content_tag(&[
            badge.name.as_bytes(),
            badge.title.unwrap_or_default().as_bytes(),
            badge.company.as_bytes(),
            &badge.code.identity(),
        ])
    };
    let badges: String = badges.iter().map(of_badge).collect();
    content_tag(&[
        b"sheet",
        languages.join(" ").as_bytes(),
        &fonts.fingerprint(),
        badges.as_bytes(),
    ])
}

fn add_page(document: &mut Document, svg: &str, fonts: &Fonts, language: &Language) -> Result<(), DrawError> {
    let tree = laid_out(svg, fonts, language)?;
    let size = PageSize::from_wh(points(PAGE.0), points(PAGE.1));
    let size = size.ok_or_else(|| DrawError::Defect("no page".to_owned()))?;
    let mut page = document.start_page_with(PageSettings::new(size));
    let mut surface = page.surface();
    surface
        .draw_svg(&tree, size, SvgSettings::default())
        .ok_or_else(|| DrawError::Defect("the page was not drawn".to_owned()))?;
    surface.finish();
    page.finish();
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "the size of a page of paper")]
fn points(tenths: f64) -> f32 {
    (tenths * POINTS) as f32
}

/// The drawing of a page, or which of its badges cannot be drawn.
fn page(badges: &[Badge<'_>], languages: &[Language], fonts: &Fonts) -> Result<String, (usize, DrawError)> {
    let (width, height) = PAGE;
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">"#
    );
    let left = (PAGE.0 - columns(COLUMNS)) / 2.0;
    let top = (PAGE.1 - rows(ROWS)) / 2.0;
    for (index, badge) in badges.iter().enumerate() {
        let (x, y) = (left + columns(index % COLUMNS), top + rows(index / COLUMNS));
        let (width, height) = BADGE;
        // Neighbours share their lines: drawn twice, they would be thicker than those at the edge.
        let above = if index < COLUMNS { width } else { 0.0 };
        let beside = if index.is_multiple_of(COLUMNS) {
            height
        } else {
            0.0
        };
        // Writing to a string cannot fail.
        let _ = write!(
            svg,
            r##"<g transform="translate({x:.2} {y:.2})"><path d="M0 {height}h{width}v-{height}M0 0h{above}M0 0v{beside}" fill="none" stroke="#b9bfca" stroke-width="1"/>{}</g>"##,
            drawing(badge, languages, fonts).map_err(|error| (index, error))?
        );
    }
    Ok(svg + "</svg>")
}

fn columns(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) * BADGE.0
}

fn rows(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) * BADGE.1
}

/// One badge: the code where reading begins, the texts beside it.
fn drawing(badge: &Badge<'_>, languages: &[Language], fonts: &Fonts) -> Result<String, DrawError> {
    let language = main_language(languages);
    let modules = f64::from(badge.code.modules());
    let module = CODE / modules;
    if module < LEAST_MODULE {
        return Err(DrawError::TooLongForBadge);
    }
    let colours = Theme::Light.colours();
    let fit = |text: &str, place: Place<'_>| -> Result<Block, DrawError> {
        Ok(Block::fit(&drawable(text, fonts)?, place, fonts, &language))
    };
    let texts = [
        (
            fit(badge.company, Place::new(TEXT, 2, &[26.0, 24.0]))?,
            colours.soft,
            18.0,
        ),
        (
            fit(
                badge.name,
                Place::new(TEXT, 3, &[48.0, 44.0, 40.0, 36.0, 32.0]).bold(),
            )?,
            colours.strong,
            4.0,
        ),
        (
            fit(
                badge.title.unwrap_or_default(),
                Place::new(TEXT, 3, &[29.0, 27.0, 25.0]),
            )?,
            colours.soft,
            22.0,
        ),
    ];
    let (sentence_language, sentence) = sentences(languages, 1).remove(0);
    let place = Place {
        family: sentence.family,
        ..Place::new(TEXT, 5, &[26.0, 24.0])
    };
    let sentence = Block::fit(sentence.text, place, fonts, &sentence_language);
    let height: f64 = texts.iter().map(|(text, _, gap)| text.height() + gap).sum();
    let mirrored = is_rtl(&sentence.lines.concat());
    // From right to left the code is at the right, where reading begins.
    let (x, anchor, code_x) = if mirrored {
        (EDGE + TEXT, Anchor::Right, BADGE.0 - EDGE + 20.0 - CODE)
    } else {
        (BADGE.0 - EDGE - TEXT, Anchor::Left, EDGE - 20.0)
    };
    let mut top = (BADGE.1 - height - sentence.height()) / 2.0;
    let code_y = (BADGE.1 - CODE) / 2.0;
    let mut svg = format!(
        r#"<g transform="translate({code_x:.2} {code_y:.2}) scale({module:.5})">{}</g>"#,
        badge.code.drawing(false)
    );
    for (text, fill, gap) in &texts {
        svg += &text.svg(x, top, anchor, fill);
        top += text.height() + gap;
    }
    Ok(svg + &sentence.svg(x, top, anchor, colours.strong))
}
