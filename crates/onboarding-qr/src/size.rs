//! How large a picture is.

/// The width of a picture in pixels, from 128 to 4096.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u16);

/// Why a number is not a [`Size`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} pixels is no size for a picture: choose 128 to 4096")]
pub struct InvalidSize(pub u32);

impl Size {
    /// Phones show a card of this width without scaling it up.
    pub const CARD: Self = Self(1080);
    /// A code for pages and documents.
    pub const CODE: Self = Self(720);

    /// Takes 128 to 4096 pixels.
    pub fn new(pixels: u32) -> Result<Self, InvalidSize> {
        match u16::try_from(pixels) {
            Ok(size @ 128..=4096) => Ok(Self(size)),
            _ => Err(InvalidSize(pixels)),
        }
    }

    /// The pixels.
    pub fn pixels(self) -> u32 {
        u32::from(self.0)
    }
}
