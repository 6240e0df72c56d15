//! What stands in the middle of a code.

use onboarding_core::Logo;

use crate::picture::Picture;

/// The drawing in the middle of a code.
///
/// It takes between 4 and 5 % of the symbol, its white margin included: codes with 8 % were still read by every
/// decoder that was tried, codes with 12 % were not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Mark {
    /// Our own: a speech bubble.
    #[default]
    Bubble,
    /// The company's logo.
    Logo(Picture),
    /// Nothing.
    None,
}

/// Side of the white plate, as a share of the symbol's side: 4.75 % of its area, before its corners are rounded.
const PLATE: f64 = 0.218;
/// Radius of the plate's corners, as a share of its side.
const ROUND: f64 = 0.2;
/// Side of the drawing on the plate, as a share of the plate's.
const DRAWING: f64 = 0.84;

/// A speech bubble, in a square of 24 units.
///
/// One shape of one colour: with a sign inside it, zbar took the crossings for corners of the symbol and missed one
/// code in twenty-five; this one cost neither decoder any of 500 random codes.
const BUBBLE: &str = r##"<path fill="#1d4ed8" d="M5.5 1.5h13a4.5 4.5 0 0 1 4.5 4.5v8.5a4.5 4.5 0 0 1-4.5 4.5H12l-5.2 4c-.7.5-1.6 0-1.6-.8V19A4.5 4.5 0 0 1 1 14.5V6a4.5 4.5 0 0 1 4.5-4.5z"/>"##;

impl Mark {
    /// That of a company: its logo, or ours where it has none. A logo without its picture is drawn as ours.
    pub fn of(logo: Option<&Logo>) -> Self {
        match logo.and_then(Logo::picture) {
            Some(picture) => Self::Logo(Picture::of("image/png", picture)),
            None => Self::Bubble,
        }
    }

    /// As SVG over a symbol of `width` modules whose middle is at `middle`.
    pub(crate) fn svg(&self, middle: f64, width: f64) -> String {
        let plate = width * PLATE;
        let drawing = plate * DRAWING;
        let corner = middle - drawing / 2.0;
        let drawn = match self {
            Self::None => return String::new(),
            Self::Bubble => {
                let scale = drawing / 24.0;
                format!(r#"<g transform="translate({corner:.4} {corner:.4}) scale({scale:.5})">{BUBBLE}</g>"#)
            }
            Self::Logo(picture) => format!(
                r#"<image x="{corner:.4}" y="{corner:.4}" width="{drawing:.4}" height="{drawing:.4}" href="{}"/>"#,
                picture.data_uri()
            ),
        };
        let corner = middle - plate / 2.0;
        let round = plate * ROUND;
        format!(
            r##"<rect x="{corner:.4}" y="{corner:.4}" width="{plate:.4}" height="{plate:.4}" rx="{round:.4}" fill="#ffffff"/>{drawn}"##
        )
    }

    /// What tells two marks apart.
    pub(crate) fn identity(&self) -> &[u8] {
        match self {
            Self::Bubble => b"bubble",
            Self::Logo(picture) => picture.data_uri().as_bytes(),
            Self::None => b"none",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plate_takes_four_to_five_percent_of_the_symbol() {
        let square = PLATE * PLATE;
        let rounded = square * (1.0 - (4.0 - std::f64::consts::PI) * ROUND * ROUND);
        assert!(rounded >= 0.04 && square <= 0.05, "{rounded} {square}");
    }
}
