//! Whether codes with a mark are read: what is drawn is read back before anybody is given it.

use std::fmt::Write as _;

use image::{
    GrayImage,
    imageops::{self, FilterType},
};

use crate::{Code, Size, draw, fonts::Fonts, mark::Mark};

/// Characters of the links that are tried: the shortest, the longest that is drawn at 200 pixels, and one far longer.
const LENGTHS: [usize; 3] = [36, 119, 480];
/// Least width at which codes are given.
const LEAST: u32 = 200;
/// Pixels of a camera for each of the picture.
const CLOSER: u32 = 4;
/// How the code is held: degrees, and blur in pixels of the picture.
const SHOTS: [(f32, f32); 3] = [(0.0, 0.0), (4.0, 0.0), (-7.0, 0.6)];

/// Whether the mark costs no code that is read without it.
pub(crate) fn is_read(mark: &Mark) -> bool {
    LENGTHS.iter().all(|length| {
        Code::new(&link(*length), mark.clone()).is_ok_and(|code| {
            SHOTS
                .iter()
                .all(|shot| reads(&code, *shot) || !reads(&code.unmarked(), *shot))
        })
    })
}

/// A link of so many characters, in which no sign follows from another.
fn link(length: usize) -> String {
    let mut link = String::from("https://wa.me/85256428035?text=%23");
    let mut state = 1_u32;
    while link.len() < length {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Writing to a string cannot fail.
        let _ = write!(link, "{:x}", state >> 28);
    }
    link
}

fn reads(code: &Code, shot: (f32, f32)) -> bool {
    let Some(picture) = seen(code, shot) else {
        return false;
    };
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    let grids = prepared.detect_grids();
    grids
        .iter()
        .any(|grid| grid.decode().is_ok_and(|(_, text)| text == code.link()))
}

/// The code as a camera sees it.
fn seen(code: &Code, (degrees, blur): (f32, f32)) -> Option<GrayImage> {
    let width = LEAST.max(code.least_width());
    if degrees == 0.0 && blur == 0.0 {
        let png = code.png(Size::new(width).ok()?).ok()?;
        return Some(image::load_from_memory(&png).ok()?.to_luma8());
    }
    let (pixels, modules) = (width * CLOSER, code.modules());
    // Turned, its corners need room.
    let room = f64::from(modules) * 1.2;
    let (middle, edge) = (f64::from(modules) / 2.0, (room - f64::from(modules)) / 2.0);
    let svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{pixels}" viewBox="{0} {0} {room} {room}"><rect x="{0}" y="{0}" width="{room}" height="{room}" fill="#ffffff"/><g transform="rotate({degrees} {middle} {middle})">{1}</g></svg>"##,
        -edge,
        code.drawing(false)
    );
    let tree = draw::laid_out(&svg, &Fonts::none(), &onboarding_core::Language::english()).ok()?;
    let png = draw::png(&tree, Size::new(pixels).ok()?).ok()?;
    let picture = image::load_from_memory(&png).ok()?.to_luma8();
    if blur == 0.0 {
        return Some(picture);
    }
    let blur = blur * u16::try_from(CLOSER).map_or(1.0, f32::from);
    Some(imageops::fast_blur(&picture, blur))
}

/// Pixels of a side on which finder patterns are looked for.
const GRID: u32 = 96;

/// Whether there is a square or a ring around a heart, in the measure by which decoders find the corners of a code (ISO/IEC 18004:
/// dark and light as 1:1:3:1:1, across and down).
pub(crate) fn has_finder_pattern(picture: &GrayImage) -> bool {
    let scaled = imageops::resize(picture, GRID, GRID, FilterType::Triangle);
    let is_dark = |x: u32, y: u32| scaled.get_pixel(x, y).0[0] < 128;
    (0..GRID).any(|y| {
        hearts((0..GRID).map(|x| is_dark(x, y))).into_iter().any(|x| {
            let down = hearts((0..GRID).map(|y| is_dark(x, y)));
            down.into_iter().any(|heart| heart.abs_diff(y) <= GRID / 24)
        })
    })
}

/// The middles of all stretches of a line with that measure.
fn hearts(line: impl Iterator<Item = bool>) -> Vec<u32> {
    let mut runs: Vec<(bool, u32)> = Vec::new();
    for dark in line {
        match runs.last_mut() {
            Some((last, length)) if *last == dark => *length += 1,
            _ => runs.push((dark, 1)),
        }
    }
    let mut at = 0;
    let mut found = Vec::new();
    for (index, (dark, length)) in runs.iter().enumerate() {
        if let (true, Some(five)) = (*dark, runs.get(index..index + 5)) {
            let lengths: Vec<_> = five.iter().map(|(_, length)| *length).collect();
            let whole: u32 = lengths.iter().sum();
            if whole >= GRID / 4 && is_in_measure(&lengths, whole) {
                found.push(at + whole / 2);
            }
        }
        at += length;
    }
    found
}

/// With half a module of play, as decoders give it.
fn is_in_measure(lengths: &[u32], whole: u32) -> bool {
    lengths
        .iter()
        .zip([1, 1, 3, 1, 1])
        .all(|(length, wanted)| (length * 14).abs_diff(whole * wanted * 2) <= whole * wanted)
}
