//! Pictures that a company brings: logos and avatars.

use std::{io::Cursor, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, imageops::FilterType};
use resvg::usvg;

/// Larger files are refused: they are photographs as a camera makes them, not logos or portraits.
const MOST_BYTES: usize = 8 << 20;
const MOST_SVG_BYTES: usize = 512 << 10;
/// Larger sides are refused before they are unpacked.
const MOST_PIXELS: u32 = 8_000;
/// What is kept: no card shows more.
const KEPT_PIXELS: u32 = 640;

/// A logo or a portrait: what it shows, and nothing else of the file.
///
/// Scripts, references to other files, places and cameras are gone; photographs stand upright.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    data_uri: Arc<str>,
}

/// Why bytes are not a [`Picture`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAPicture {
    /// Not one of the formats, or damaged.
    #[error("not a picture: give an SVG, PNG or JPEG file")]
    Format,
    /// Too large a file or too many pixels.
    #[error(
        "the picture is too large: give an SVG below 512 KiB, or a PNG or JPEG below 8 MiB and 8000 pixels"
    )]
    TooLarge,
}

impl Picture {
    /// Reads an SVG, PNG or JPEG file.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotAPicture> {
        if bytes.len() > MOST_BYTES {
            return Err(NotAPicture::TooLarge);
        }
        match image::guess_format(bytes) {
            Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => raster(bytes, format),
            _ => vector(bytes),
        }
    }

    /// As a `data:` URI, for an `href`.
    pub(crate) fn data_uri(&self) -> &str {
        &self.data_uri
    }

    pub(crate) fn of(mime: &str, bytes: &[u8]) -> Self {
        let data_uri = format!("data:{mime};base64,{}", STANDARD.encode(bytes));
        Self {
            data_uri: data_uri.into(),
        }
    }
}

fn raster(bytes: &[u8], format: ImageFormat) -> Result<Picture, NotAPicture> {
    let mut picture = upright(bytes, format, MOST_PIXELS)?;
    if picture.width().max(picture.height()) > KEPT_PIXELS {
        picture = picture.resize(KEPT_PIXELS, KEPT_PIXELS, FilterType::Lanczos3);
    }
    Ok(Picture::of("image/png", &png(picture)?))
}

/// Written anew: what a camera says of the place stays behind. RGBA is what every viewer draws.
pub(crate) fn png(picture: DynamicImage) -> Result<Vec<u8>, NotAPicture> {
    let mut png = Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(picture.into_rgba8())
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|_| NotAPicture::Format)?;
    Ok(png.into_inner())
}

/// The pixels, upright; refused before they are unpacked where they are too many.
pub(crate) fn upright(
    bytes: &[u8],
    format: ImageFormat,
    most_pixels: u32,
) -> Result<DynamicImage, NotAPicture> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(most_pixels);
    limits.max_image_height = Some(most_pixels);
    reader.limits(limits);
    let too_large = |error: image::ImageError| match error {
        image::ImageError::Limits(_) => NotAPicture::TooLarge,
        _ => NotAPicture::Format,
    };
    let mut decoder = reader.into_decoder().map_err(too_large)?;
    let orientation = decoder.orientation().map_err(too_large)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(too_large)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn vector(bytes: &[u8]) -> Result<Picture, NotAPicture> {
    if bytes.len() > MOST_SVG_BYTES {
        return Err(NotAPicture::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| NotAPicture::Format)?;
    let options = usvg::Options {
        image_href_resolver: no_files(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(text, &options).map_err(|_| NotAPicture::Format)?;
    let drawing = tree.to_string(&usvg::WriteOptions::default());
    Ok(Picture::of("image/svg+xml", drawing.as_bytes()))
}

/// Reads pictures that stand in the drawing itself; a path of this machine or an address reads nothing.
pub(crate) fn no_files<'a>() -> usvg::ImageHrefResolver<'a> {
    usvg::ImageHrefResolver {
        resolve_data: usvg::ImageHrefResolver::default_data_resolver(),
        resolve_string: Box::new(|_, _| None),
    }
}
