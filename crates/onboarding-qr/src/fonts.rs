//! Fonts: those that are in the program, and those that are added.

use std::sync::Arc;

use onboarding_core::Language;
use resvg::usvg::{self, fontdb};
use sha2::{Digest, Sha256};

use crate::{clean::escape, picture::no_files};

/// First choice; it has no Arabic and no Hebrew, which `DejaVu Sans`, also in the program, has.
pub(crate) const FAMILY: &str = "Noto Sans";

/// The characters of our own sentences in Chinese and Japanese (fonts/README.md).
pub(crate) const SENTENCES: &str = "Onboarding Sentences";

/// The fonts that texts are drawn with.
///
/// In the program are Noto Sans (Latin, Greek, Cyrillic), `DejaVu Sans` (these, Arabic, Hebrew) and the few Chinese
/// and Japanese characters of the sentence on cards. Names in Chinese, Japanese or Korean need a font of the
/// machine ([`with_system`](Self::with_system)) or a file ([`with_font`](Self::with_font)); a letter that no font
/// has is refused when it is drawn, never drawn as a box.
#[derive(Debug, Clone)]
pub struct Fonts {
    faces: Arc<fontdb::Database>,
}

/// Why bytes were not added to [`Fonts`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a font: give a TrueType or OpenType file (.ttf, .otf, .ttc)")]
pub struct NotAFont;

/// How a text is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    pub(crate) size: f64,
    pub(crate) bold: bool,
    pub(crate) family: &'static str,
}

impl Style {
    pub(crate) fn weight(self) -> u16 {
        if self.bold { 700 } else { 400 }
    }
}

impl Fonts {
    /// The fonts in the program: the same pictures on every machine.
    pub fn embedded() -> Self {
        let mut faces = fontdb::Database::new();
        let files: [&'static [u8]; 5] = [
            notosans::REGULAR_TTF,
            notosans::BOLD_TTF,
            dejavu::sans::regular(),
            dejavu::sans::bold(),
            include_bytes!("../fonts/sentences.ttf"),
        ];
        for file in files {
            faces.load_font_source(fontdb::Source::Binary(Arc::new(file)));
        }
        Self {
            faces: Arc::new(faces),
        }
    }

    /// No font, for drawings without text.
    pub(crate) fn none() -> Self {
        Self {
            faces: Arc::default(),
        }
    }

    /// With another font, used for the letters that those before lack.
    pub fn with_font(mut self, file: Vec<u8>) -> Result<Self, NotAFont> {
        let faces = Arc::make_mut(&mut self.faces);
        let added = faces.load_font_source(fontdb::Source::Binary(Arc::new(file)));
        if added.is_empty() { Err(NotAFont) } else { Ok(self) }
    }

    /// With the fonts that this machine has, for the letters that those before lack. It is the only function of
    /// this crate that reads the machine: call it once, at the start.
    #[must_use]
    pub fn with_system(mut self) -> Self {
        Arc::make_mut(&mut self.faces).load_system_fonts();
        self
    }

    /// The letters of the text that no font has.
    pub fn missing(&self, text: &str) -> Vec<char> {
        let mut missing: Vec<char> = text.chars().filter(|c| !self.has(*c)).collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// What pictures depend on.
    pub(crate) fn fingerprint(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        for face in self.faces.faces() {
            hash.update(face.post_script_name.as_bytes());
            hash.update(face.index.to_be_bytes());
        }
        hash.finalize().to_vec()
    }

    fn has(&self, c: char) -> bool {
        c.is_whitespace()
            || is_invisible(c)
            || self
                .faces
                .faces()
                .any(|face| self.faces.with_face_data(face.id, has_glyph(c)) == Some(true))
    }

    pub(crate) fn options(&self, language: &Language) -> usvg::Options<'static> {
        let wanted = region_of(language);
        usvg::Options {
            font_family: FAMILY.to_owned(),
            fontdb: Arc::clone(&self.faces),
            font_resolver: usvg::FontResolver {
                select_font: usvg::FontResolver::default_font_selector(),
                select_fallback: Box::new(move |c, used, faces| fallback(c, used, faces, wanted)),
            },
            image_href_resolver: no_files(),
            ..usvg::Options::default()
        }
    }

    /// How wide the text is when it is drawn.
    pub(crate) fn width(&self, text: &str, style: Style, language: &Language) -> f64 {
        let svg = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text font-family="{}" font-size="{}" font-weight="{}">{}</text></svg>"#,
            style.family,
            style.size,
            style.weight(),
            escape(text),
        );
        let tree = usvg::Tree::from_str(&svg, &self.options(language));
        tree.map_or(0.0, |tree| f64::from(tree.root().abs_bounding_box().width()))
    }
}

fn has_glyph(c: char) -> impl FnOnce(&[u8], u32) -> bool {
    move |data, index| ttf_parser::Face::parse(data, index).is_ok_and(|face| face.glyph_index(c).is_some())
}

/// Characters without a shape of their own: joiners, and the selectors of a shape.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200c}' | '\u{200d}' | '\u{202b}' | '\u{202a}' | '\u{202c}' | '\u{fe00}'..='\u{fe0f}'
    )
}

/// How fonts for Chinese and Japanese name the region whose shapes they draw, the best first.
fn region_of(language: &Language) -> &'static [&'static str] {
    match language.as_str().split('-').collect::<Vec<_>>().as_slice() {
        ["zh", "TW"] => &["TC", "HK"],
        ["zh", "HK" | "MO"] | ["zh", "Hant", ..] | ["yue", ..] => &["HK", "TC"],
        ["zh", ..] => &["SC"],
        ["ja", ..] => &["JP"],
        ["ko", ..] => &["KR"],
        _ => &["HK", "TC", "SC"],
    }
}

/// The face for a letter that the first choice lacks: one of the program's before the machine's, upright, with
/// the region's shapes, and of the nearest weight. The rest of the order only makes it the same every time.
fn fallback(c: char, used: &[fontdb::ID], faces: &fontdb::Database, regions: &[&str]) -> Option<fontdb::ID> {
    let wanted = used
        .first()
        .and_then(|id| faces.face(*id))
        .map_or(400, |face| face.weight.0);
    let rank = |face: &fontdb::FaceInfo| {
        let family = face.families.first().map_or("", |(name, _)| name.as_str());
        let last_word = family.rsplit(' ').next().unwrap_or_default();
        let region = regions.iter().position(|region| *region == last_word);
        (
            // Made for the sentences; in a name it would stand beside another font's letters.
            family == SENTENCES,
            !matches!(face.source, fontdb::Source::Binary(_)),
            face.style != fontdb::Style::Normal,
            region.unwrap_or(regions.len()),
            face.weight.0.abs_diff(wanted),
            face.post_script_name.clone(),
        )
    };
    faces
        .faces()
        .filter(|face| !used.contains(&face.id))
        .filter(|face| faces.with_face_data(face.id, has_glyph(c)) == Some(true))
        .min_by_key(|face| rank(face))
        .map(|face| face.id)
}
