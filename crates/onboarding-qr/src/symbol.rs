//! The black and white squares.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode, Version};

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

/// The next version without an alignment pattern in its middle (ISO/IEC 18004, annex E: those with an even number of rows of them); `None`
/// for one that has none there.
fn next_free(version: Version) -> Option<Version> {
    match version {
        Version::Normal(7..=13) => Some(Version::Normal(14)),
        Version::Normal(21..=27) => Some(Version::Normal(28)),
        // Beyond, there is none that is free.
        _ => None,
    }
}

/// A QR symbol with error correction H: it survives the mark in its centre, and a thumb on the badge.
#[derive(Debug, Clone)]
pub(crate) struct Symbol {
    modules: Vec<bool>,
    width: u32,
}

impl Symbol {
    /// The smallest symbol; with `free_middle`, the smallest whose middle holds nothing that decoders look for.
    ///
    /// Many symbols have an alignment pattern in their very middle. Where anything but one smooth shape covers it, zbar finds the
    /// pattern somewhere in that, bends the grid to it and reads nothing: of 40 links with a zigzag in their middle it lost 21 to 25
    /// at each size, all of those versions.
    pub(crate) fn of(text: &str, free_middle: bool) -> Result<Self, NotEncodable> {
        if !text.is_ascii() {
            return Err(NotEncodable::NotAscii);
        }
        let too_long = || NotEncodable::TooLong { length: text.len() };
        let mut code = QrCode::with_error_correction_level(text, EcLevel::H).map_err(|_| too_long())?;
        if free_middle && let Some(version) = next_free(code.version()) {
            code = QrCode::with_version(text, version, EcLevel::H).map_err(|_| too_long())?;
        }
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
