//! A camera that is not held quite still, and two decoders that know nothing of each other.

use std::{f32::consts::PI, process::Command};

use image::{
    GrayImage, Luma,
    imageops::{FilterType, resize},
};
use imageproc::{
    filter::gaussian_blur_f32,
    geometric_transformations::{Border, Interpolation, rotate_about_center_no_crop},
};

/// How a picture reaches the decoder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shot {
    pub(crate) blur: f32,
    pub(crate) degrees: f32,
}

pub(crate) const STILL: Shot = Shot {
    blur: 0.0,
    degrees: 0.0,
};
pub(crate) const SHOTS: [Shot; 4] = [
    STILL,
    Shot {
        blur: 0.7,
        degrees: 0.0,
    },
    Shot {
        blur: 0.0,
        degrees: 4.0,
    },
    Shot {
        blur: 0.6,
        degrees: -7.0,
    },
];

pub(crate) fn grey(png: &[u8]) -> GrayImage {
    image::load_from_memory(png).unwrap().to_luma8()
}

pub(crate) fn shoot(picture: &GrayImage, shot: Shot) -> GrayImage {
    if shot.blur == 0.0 && shot.degrees == 0.0 {
        return picture.clone();
    }
    // A camera has more pixels than a small picture.
    let closer = 1 + 700 / picture.width();
    let size = (picture.width() * closer, picture.height() * closer);
    let picture = &resize(picture, size.0, size.1, FilterType::Triangle);
    let blur = shot.blur * f32::from(u16::try_from(closer).unwrap());
    let turned = if shot.degrees == 0.0 {
        picture.clone()
    } else {
        // What is around the picture goes on: white around a code, the card's ground around a card.
        let around = *picture.get_pixel(0, 0);
        let angle = shot.degrees * PI / 180.0;
        rotate_about_center_no_crop(picture, angle, Interpolation::Bilinear, Border::Constant(around))
    };
    if blur > 0.0 {
        gaussian_blur_f32::<Luma<u8>>(&turned, blur)
    } else {
        turned
    }
}

pub(crate) fn rqrr(picture: &GrayImage) -> Vec<String> {
    let mut prepared = rqrr::PreparedImage::prepare(picture.clone());
    let grids = prepared.detect_grids();
    grids
        .iter()
        .filter_map(|grid| Some(grid.decode().ok()?.1))
        .collect()
}

pub(crate) fn zbar(picture: &GrayImage) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shot.png");
    picture.save(&file).unwrap();
    let run = Command::new("zbarimg")
        .args(["--quiet", "--raw"])
        .arg(&file)
        .output();
    let output = run.expect("zbarimg is missing: apt-get install zbar-tools");
    let read = String::from_utf8(output.stdout).unwrap();
    read.lines().map(str::to_owned).collect()
}
