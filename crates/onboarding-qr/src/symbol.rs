//! The black and white squares.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// Modules of white around the symbol that the standard asks for.
pub(crate) const QUIET: u32 = 4;

/// Why a text is not drawn as a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotEncodable {
    /// What other bytes mean depends on the decoder.
    #[error("a code holds ASCII only: percent-encode the text, as link_for does")]
    NotAscii,
    /// No symbol holds it.
    #[error("{length} bytes do not fit into a code: shorten the company's qr.text or the extension")]
    TooLong {
        /// Of the link.
        length: usize,
    },
}

/// A QR symbol with error correction H: it survives the mark in its centre, and a thumb on the badge.
#[derive(Debug, Clone)]
pub(crate) struct Symbol {
    modules: Vec<bool>,
    width: u32,
}

impl Symbol {
    pub(crate) fn of(text: &str) -> Result<Self, NotEncodable> {
        if !text.is_ascii() {
            return Err(NotEncodable::NotAscii);
        }
        let too_long = || NotEncodable::TooLong { length: text.len() };
        let code = QrCode::with_error_correction_level(text, EcLevel::H).map_err(|_| too_long())?;
        let width = u32::try_from(code.width()).map_err(|_| too_long())?;
        let modules = code.to_colors().into_iter().map(|color| color == Color::Dark);
        Ok(Self {
            modules: modules.collect(),
            width,
        })
    }

    /// Modules of a side, without the quiet zone.
    pub(crate) fn width(&self) -> u32 {
        self.width
    }

    /// Modules of a side, with the quiet zone.
    pub(crate) fn full_width(&self) -> u32 {
        self.width + 2 * QUIET
    }

    /// The dark modules as an SVG path, one unit a module, the quiet zone at the left and at the top included.
    ///
    /// One path and not a rectangle each: neighbours that are drawn apart show hairlines between them.
    pub(crate) fn path(&self) -> String {
        let mut path = String::new();
        let rows = self
            .modules
            .chunks(usize::try_from(self.width).unwrap_or(usize::MAX));
        for (row, y) in rows.zip(QUIET..) {
            let mut x = QUIET;
            for run in row.chunk_by(|a, b| a == b) {
                let length = u32::try_from(run.len()).unwrap_or(u32::MAX);
                if run.first() == Some(&true) {
                    // Writing to a string cannot fail.
                    let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
                }
                x += length;
            }
        }
        path
    }
}
