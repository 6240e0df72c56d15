//! A company's logo, judged before it stands in a code.

use image::{
    DynamicImage, GrayImage, ImageFormat, Luma, RgbaImage,
    imageops::{self, FilterType},
};
use onboarding_core::Logo;
use resvg::{
    tiny_skia,
    usvg::{self, roxmltree},
};

use crate::{
    mark::Mark,
    picture::{self, NotAPicture},
    proof,
};

/// Bytes of a file with a logo at the most: 1 MiB.
pub const MOST_LOGO_BYTES: usize = 1 << 20;
/// Larger sides are refused before they are unpacked.
const MOST_PIXELS: u32 = 4_000;
/// Shorter sides look like nothing on a printed badge.
const LEAST_PIXELS: u32 = 64;
/// The longer side of what is kept: a code of 2,000 pixels shows no more of it.
const KEPT_PIXELS: u32 = 384;
/// How much longer than the other a side may be. It is drawn in a square: what is longer is too small to be known again.
const MOST_RATIO: u32 = 2;
/// Of 255, how much darker than white a pixel is that people see.
const SEEN: u8 = 40;
/// How much of the picture people must see, as one part of so many.
const LEAST_SEEN: usize = 100;

/// Why a file is not taken as the logo of a company's codes. Each says the mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotALogo {
    /// Nothing.
    #[error("the file is empty; give an SVG, PNG or JPEG file")]
    Empty,
    /// Not one of the formats, or damaged.
    #[error("the file is not a picture that can be read; give an SVG, PNG or JPEG file")]
    Format,
    /// Too large a file or too many pixels.
    #[error("the picture is too large; give one of at most 1 MiB and 4000 pixels a side")]
    TooLarge,
    /// Too few pixels.
    #[error("the picture has {width} × {height} pixels; give one with at least 64 a side, or an SVG")]
    TooSmall {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// Far from a square.
    #[error(
        "one side of the picture is more than twice the other; give the sign of the logo without its words"
    )]
    OddShape,
    /// An SVG that does something, or looks elsewhere.
    #[error("the SVG holds {what}; take it out and give the drawing alone")]
    Active {
        /// What it holds.
        what: &'static str,
    },
    /// An SVG with letters: they would be another font's, or nothing.
    #[error("the SVG holds text, which needs its font; turn the text into outlines")]
    Text,
    /// White, or next to it.
    #[error("next to nothing of the picture can be seen on white; give it in a darker colour")]
    Invisible,
    /// Cameras find a code by three such squares.
    #[error("the picture looks like a corner of a QR code, which misleads cameras; give another drawing")]
    FinderPattern,
    /// It was tried.
    #[error("codes with this picture in their middle were not read when we tried; give a simpler drawing")]
    NotRead,
}

impl From<NotAPicture> for NotALogo {
    fn from(why: NotAPicture) -> Self {
        match why {
            NotAPicture::Format => Self::Format,
            NotAPicture::TooLarge => Self::TooLarge,
        }
    }
}

/// Takes a file (SVG, PNG or JPEG) as the logo of a company's codes, if codes with it are read.
///
/// What is kept is a picture that we made of it: no script, no reference, no place where a photograph was taken. It takes no more of a
/// code than our own mark ([`Mark`]), on white, whatever its colours. Codes with it are then drawn, from short to long, and read
/// back as they are, turned, and blurred; that takes some tenths of a second of one core.
pub fn logo(file: &[u8]) -> Result<Logo, NotALogo> {
    if file.is_empty() {
        return Err(NotALogo::Empty);
    }
    if file.len() > MOST_LOGO_BYTES {
        return Err(NotALogo::TooLarge);
    }
    let picture = match image::guess_format(file) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => pixels(file, format)?,
        _ => drawing(file)?,
    };
    let seen = on_white(&picture.to_rgba8());
    if seen.pixels().filter(|pixel| pixel.0[0] < 255 - SEEN).count() * LEAST_SEEN < seen.as_raw().len() {
        return Err(NotALogo::Invisible);
    }
    if proof::has_finder_pattern(&seen) {
        return Err(NotALogo::FinderPattern);
    }
    let logo = Logo::new(file, picture::png(picture)?);
    if proof::is_read(&Mark::of(Some(&logo))) {
        Ok(logo)
    } else {
        Err(NotALogo::NotRead)
    }
}

fn pixels(file: &[u8], format: ImageFormat) -> Result<DynamicImage, NotALogo> {
    let picture = picture::upright(file, format, MOST_PIXELS)?;
    let (width, height) = (picture.width(), picture.height());
    if width.min(height) < LEAST_PIXELS {
        return Err(NotALogo::TooSmall { width, height });
    }
    if width.max(height) > width.min(height) * MOST_RATIO {
        return Err(NotALogo::OddShape);
    }
    if width.max(height) <= KEPT_PIXELS {
        return Ok(picture);
    }
    Ok(picture.resize(KEPT_PIXELS, KEPT_PIXELS, FilterType::Lanczos3))
}

fn drawing(file: &[u8]) -> Result<DynamicImage, NotALogo> {
    let text = std::str::from_utf8(file).map_err(|_| NotALogo::Format)?;
    // Drawing programs write a document type; entities that grow without end are refused by the parser.
    let parsing = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    };
    let document = roxmltree::Document::parse_with_options(text, parsing).map_err(|_| NotALogo::Format)?;
    refuse_active(&document)?;
    let options = usvg::Options {
        image_href_resolver: picture::no_files(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_xmltree(&document, &options).map_err(|_| NotALogo::Format)?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let (long, short) = (width.max(height), width.min(height));
    // As said above; sides of a drawing are no whole numbers.
    if long > short * 2.0 {
        return Err(NotALogo::OddShape);
    }
    let kept = u16::try_from(KEPT_PIXELS).map_or(f32::NAN, f32::from);
    let size = tree.size().to_int_size();
    let size = if width >= height {
        size.scale_to_width(KEPT_PIXELS)
    } else {
        size.scale_to_height(KEPT_PIXELS)
    };
    let size = size.ok_or(NotALogo::Format)?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height()).ok_or(NotALogo::Format)?;
    let transform = tiny_skia::Transform::from_scale(kept / long, kept / long);
    resvg::render(&tree, transform, &mut pixels.as_mut());
    let pixels: Vec<u8> = pixels
        .pixels()
        .iter()
        .flat_map(|pixel| {
            let pixel = pixel.demultiply();
            [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
        })
        .collect();
    let pixels = RgbaImage::from_raw(size.width(), size.height(), pixels).ok_or(NotALogo::Format)?;
    Ok(DynamicImage::ImageRgba8(pixels))
}

/// None of it would be done; but whoever gives such a file expects something else than they would see.
fn refuse_active(document: &roxmltree::Document<'_>) -> Result<(), NotALogo> {
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let what = match node.tag_name().name() {
            "script" => "a script",
            "foreignObject" | "iframe" => "parts that are no drawing",
            "text" => return Err(NotALogo::Text),
            _ => {
                let mut attributes = node.attributes();
                if attributes.any(|one| one.name() == "href" && !is_inside(one.value())) {
                    "a reference to another file"
                } else if node.attributes().any(|one| one.name().starts_with("on")) {
                    "a script"
                } else {
                    continue;
                }
            }
        };
        return Err(NotALogo::Active { what });
    }
    Ok(())
}

/// Whether a reference stays within the file.
fn is_inside(reference: &str) -> bool {
    let reference = reference.trim_start();
    reference.starts_with('#') || reference.starts_with("data:")
}

/// As it is printed: grey, on white.
fn on_white(picture: &RgbaImage) -> GrayImage {
    let mut flat = RgbaImage::from_pixel(picture.width(), picture.height(), image::Rgba([255; 4]));
    imageops::overlay(&mut flat, picture, 0, 0);
    let grey = imageops::grayscale(&flat);
    GrayImage::from_fn(grey.width(), grey.height(), |x, y| {
        Luma([grey.get_pixel(x, y).0[0]])
    })
}
