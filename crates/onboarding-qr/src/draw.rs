//! From a drawing to the bytes of a file.

use onboarding_core::Language;
use resvg::{tiny_skia, usvg};

use crate::{fonts::Fonts, size::Size};

/// Why a picture was not drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// Cameras would not read it.
    #[error("at {given} pixels the code is too fine to be read: choose {least} pixels or more")]
    TooSmall {
        /// The width asked for.
        given: u32,
        /// The least width that can be read.
        least: u32,
    },
    /// Clients would see boxes where letters should be.
    #[error(
        "no font here has the letters {letters}: install a font that has them, such as Noto Sans CJK for Chinese"
    )]
    NoGlyph {
        /// The letters.
        letters: String,
    },
    /// The code of a badge would be too fine to be read.
    #[error(
        "the link is too long for a badge: shorten the company's qr.text or the extension, or print a card"
    )]
    TooLongForBadge,
    /// A defect of ours.
    #[error("the picture could not be drawn ({0}): please report it")]
    Defect(String),
}

/// The drawing, its texts laid out with the fonts.
pub(crate) fn laid_out(svg: &str, fonts: &Fonts, language: &Language) -> Result<usvg::Tree, DrawError> {
    usvg::Tree::from_str(svg, &fonts.options(language)).map_err(|error| DrawError::Defect(error.to_string()))
}

/// The drawing as PNG of a width; the height follows.
pub(crate) fn png(tree: &usvg::Tree, width: Size) -> Result<Vec<u8>, DrawError> {
    let width = width.pixels();
    let scaled = tree.size().to_int_size().scale_to_width(width);
    let size = scaled.ok_or_else(|| DrawError::Defect("no size".to_owned()))?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| DrawError::Defect("no room for the pixels".to_owned()))?;
    let transform = tiny_skia::Transform::from_scale(
        pixels_of(size.width()) / tree.size().width(),
        pixels_of(size.height()) / tree.size().height(),
    );
    resvg::render(tree, transform, &mut pixels.as_mut());
    pixels
        .encode_png()
        .map_err(|error| DrawError::Defect(error.to_string()))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a picture is at most some thousand pixels wide"
)]
fn pixels_of(length: u32) -> f32 {
    length as f32
}

/// The drawing as SVG whose texts are outlines: it looks the same without our fonts, and everywhere as measured.
pub(crate) fn outlined(tree: &usvg::Tree, title: &str) -> String {
    let options = usvg::WriteOptions {
        preserve_text: false,
        coordinates_precision: 3,
        transforms_precision: 5,
        indent: usvg::Indent::None,
        ..usvg::WriteOptions::default()
    };
    let svg = tree.to_string(&options);
    // Outlines say nothing to a screen reader; the title does.
    let title = format!(r#" role="img"><title>{}</title>"#, crate::clean::escape(title));
    match svg.find('>') {
        Some(at) => format!("{}{title}{}", &svg[..at], &svg[at + 1..]),
        None => svg,
    }
}

/// The text without symbols that no font has (a decoration is not worth a refusal), refused if a letter is missing.
pub(crate) fn drawable(text: &str, fonts: &Fonts) -> Result<String, DrawError> {
    let cleaned = crate::clean::clean(text);
    let missing = fonts.missing(&cleaned);
    let letters: String = missing.iter().filter(|c| c.is_alphanumeric()).collect();
    if !letters.is_empty() {
        return Err(DrawError::NoGlyph { letters });
    }
    let there: String = cleaned.chars().filter(|c| !missing.contains(c)).collect();
    Ok(crate::clean::clean(&there))
}
