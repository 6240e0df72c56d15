//! The code alone, as SVG and PNG.

use onboarding_core::Language;

use crate::{
    draw::{self, DrawError},
    fonts::Fonts,
    mark::Mark,
    size::Size,
    symbol::{NotEncodable, Symbol},
    tag::content_tag,
};

/// Least pixels of a module: below, one of two decoders already failed on codes of long extensions.
const LEAST_MODULE: u32 = 3;

/// A QR code with its mark: error correction H, black on white, four modules of white around it.
#[derive(Debug, Clone)]
pub struct Code {
    link: String,
    symbol: Symbol,
    mark: Mark,
}

impl Code {
    /// The code that holds the link.
    pub fn new(link: &str, mark: Mark) -> Result<Self, NotEncodable> {
        Ok(Self {
            link: link.to_owned(),
            symbol: Symbol::of(link, matches!(mark, Mark::Logo(_)))?,
            mark,
        })
    }

    /// What it holds.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// The same symbol with nothing in its middle.
    pub(crate) fn unmarked(&self) -> Self {
        Self {
            mark: Mark::None,
            ..self.clone()
        }
    }

    /// As SVG of a width, to be scaled at will.
    pub fn svg(&self, size: Size) -> String {
        let (pixels, modules) = (size.pixels(), self.symbol.full_width());
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{pixels}" viewBox="0 0 {modules} {modules}" role="img"><title>QR code</title><rect width="{modules}" height="{modules}" fill="#ffffff"/>{}</svg>"##,
            self.drawing(true)
        )
    }

    /// As PNG of exactly the width.
    pub fn png(&self, size: Size) -> Result<Vec<u8>, DrawError> {
        self.readable_at(size.pixels(), size.pixels())?;
        let (pixels, modules) = (size.pixels(), self.symbol.full_width());
        let module = pixels / modules;
        // Whole pixels, with the rest left white: uneven modules and grey edges were read less often.
        let offset = (pixels - module * modules) / 2;
        let svg = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{pixels}" viewBox="0 0 {pixels} {pixels}"><rect width="{pixels}" height="{pixels}" fill="#ffffff"/><g transform="translate({offset} {offset}) scale({module})">{}</g></svg>"##,
            self.drawing(false)
        );
        // It has no text; the fonts are not used.
        let tree = draw::laid_out(&svg, &Fonts::none(), &Language::english())?;
        draw::png(&tree, size)
    }

    /// Names this code as SVG or PNG of a size, for caches.
    pub fn content_tag(&self, size: Size) -> String {
        content_tag(&[b"code", &self.identity(), &size.pixels().to_be_bytes()])
    }

    pub(crate) fn identity(&self) -> Vec<u8> {
        [self.link.as_bytes(), b"\0", self.mark.identity()].concat()
    }

    /// Modules of a side with the white around.
    pub(crate) fn modules(&self) -> u32 {
        self.symbol.full_width()
    }

    /// Pixels below which the code alone is too fine to be read.
    pub(crate) fn least_width(&self) -> u32 {
        self.modules() * LEAST_MODULE
    }

    /// Refuses a picture of `given` pixels in which the code takes only `code` pixels and is too fine.
    pub(crate) fn readable_at(&self, given: u32, code: u32) -> Result<(), DrawError> {
        let needed = self.least_width();
        if code >= needed {
            return Ok(());
        }
        Err(DrawError::TooSmall {
            given,
            least: (given * needed).div_ceil(code.max(1)),
        })
    }

    /// The modules and the mark, one unit a module; the ground must be white.
    pub(crate) fn drawing(&self, crisp: bool) -> String {
        let crisp = if crisp {
            r#" shape-rendering="crispEdges""#
        } else {
            ""
        };
        let middle = f64::from(self.symbol.full_width()) / 2.0;
        format!(
            r##"<path fill="#000000"{crisp} d="{}"/>{}"##,
            self.symbol.path(),
            self.mark.svg(middle, f64::from(self.symbol.width())),
        )
    }
}
