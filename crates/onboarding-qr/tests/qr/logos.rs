//! A company's own logo: what is taken, what is refused, and that codes with it are read.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use onboarding_core::{PhoneNumber, whatsapp_link};
use onboarding_qr::{Code, DrawError, MOST_LOGO_BYTES, Mark, NotALogo, Size, logo};

use crate::camera::{SHOTS, grey, rqrr, shoot, zbar};

fn svg(size: &str, inside: &str) -> Vec<u8> {
    format!(r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 {size}">{inside}</svg>"#)
        .into_bytes()
}

fn png(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    let picture = RgbaImage::from_fn(width, height, |x, y| Rgba(pixel(x, y)));
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(picture)
        .write_to(&mut file, ImageFormat::Png)
        .unwrap();
    file.into_inner()
}

/// As companies have them: dark, colourful, wide, with a picture's many greys, half transparent, with a hole.
fn good() -> Vec<(&'static str, Vec<u8>)> {
    let bank = r##"<!--a bank--><path fill="#7a1f2b" d="M12 2 22 8H2zM4 10h3v8H4zM10.5 10h3v8h-3zM17 10h3v8h-3zM2 20h20v2H2z"/>"##;
    let wide = r##"<rect width="48" height="24" rx="6" fill="#003b71"/><path d="M8 18 16 6l8 12 8-12 8 12" stroke="#ffd400" stroke-width="4" fill="none"/>"##;
    let letters = r##"<path d="M4 21 12 3l8 18M7 15h10" stroke="#0a7f3f" stroke-width="3" fill="none"/>"##;
    let globe = r##"<circle cx="12" cy="12" r="11" fill="#00a0e3" opacity="0.6"/><circle cx="12" cy="12" r="4" fill="#ffffff"/>"##;
    let doctype = r#"<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">"#;
    let drawn = [doctype.as_bytes(), &svg("24 24", bank)].concat();
    let shade = |x: u32, y: u32| {
        [
            u8::try_from(x * 255 / 900).unwrap(),
            40,
            u8::try_from(y * 255 / 900).unwrap(),
            255,
        ]
    };
    vec![
        ("bank", drawn),
        ("wide", svg("48 24", wide)),
        ("letters", svg("24 24", letters)),
        ("globe", svg("24 24", globe)),
        ("black", png(64, 64, |_, _| [0, 0, 0, 255])),
        ("photograph", png(900, 900, shade)),
        (
            "stripes",
            png(128, 128, |x, _| {
                if x / 16 % 2 == 0 {
                    [200, 0, 0, 255]
                } else {
                    [255, 255, 255, 0]
                }
            }),
        ),
    ]
}

#[test]
fn both_decoders_read_codes_with_a_logo_as_well_as_with_ours() {
    let number = PhoneNumber::parse("+85256428035").unwrap();
    let links =
        ["#d", "#dom123456", &format!("#{}", "a1b2c3d4".repeat(8))].map(|text| whatsapp_link(&number, text));
    for (name, file) in good() {
        let logo = logo(&file).unwrap_or_else(|why| panic!("{name}: {why}"));
        let mark = Mark::of(Some(&logo));
        assert_ne!(mark, Mark::Bubble, "{name}");
        for link in &links {
            let code = Code::new(link, mark.clone()).unwrap();
            for pixels in [200, 480] {
                let size = Size::new(pixels).unwrap();
                let picture = match code.png(size) {
                    Ok(picture) => grey(&picture),
                    Err(why) => {
                        assert!(matches!(why, DrawError::TooSmall { given: 200, .. }), "{why}");
                        assert!(link.len() > 58, "{link} is short enough for 200 pixels");
                        continue;
                    }
                };
                for shot in SHOTS {
                    let seen = shoot(&picture, shot);
                    // In some drawings zbar sees a bar code besides, which no camera looks for.
                    assert!(zbar(&seen).contains(link), "zbar {name} {pixels} {shot:?} {link}");
                    if shot.degrees == 0.0 {
                        assert_eq!(
                            rqrr(&seen),
                            [link.as_str()],
                            "rqrr {name} {pixels} {shot:?} {link}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_no_logo_is_refused_with_its_mend() {
    let dot = r#"<circle cx="12" cy="12" r="11"/>"#;
    let active = |what| NotALogo::Active { what };
    let finder = r##"<path d="M0 0h7v7H0z"/><path fill="#fff" d="M1 1h5v5H1z"/><path d="M2 2h3v3H2z"/>"##;
    let ring = r##"<circle cx="3.5" cy="3.5" r="3.5"/><circle cx="3.5" cy="3.5" r="2.5" fill="#fff"/><circle cx="3.5" cy="3.5" r="1.5"/>"##;
    let cases: Vec<(Vec<u8>, NotALogo)> = vec![
        (Vec::new(), NotALogo::Empty),
        (b"MZ\x90 not a picture".to_vec(), NotALogo::Format),
        (b"%PDF-1.7 logo".to_vec(), NotALogo::Format),
        (b"<html><body>logo</body></html>".to_vec(), NotALogo::Format),
        (
            png(64, 64, |_, _| [0, 0, 0, 255])[..80].to_vec(),
            NotALogo::Format,
        ),
        (vec![b' '; MOST_LOGO_BYTES + 1], NotALogo::TooLarge),
        (png(4001, 64, |_, _| [0, 0, 0, 255]), NotALogo::TooLarge),
        (
            png(63, 70, |_, _| [0, 0, 0, 255]),
            NotALogo::TooSmall {
                width: 63,
                height: 70,
            },
        ),
        (png(64, 129, |_, _| [0, 0, 0, 255]), NotALogo::OddShape),
        (svg("97 48", dot), NotALogo::OddShape),
        (svg("24 24", "<script>alert(1)</script>"), active("a script")),
        (
            svg("24 24", r#"<circle r="9" onclick="alert(1)"/>"#),
            active("a script"),
        ),
        (
            svg("24 24", r#"<image href="https://example.com/a.png"/>"#),
            active("a reference to another file"),
        ),
        (
            svg("24 24", r#"<image xlink:href="file:///etc/passwd"/>"#),
            active("a reference to another file"),
        ),
        (
            svg("24 24", "<foreignObject/>"),
            active("parts that are no drawing"),
        ),
        (svg("24 24", r#"<text y="20">ACME</text>"#), NotALogo::Text),
        (svg("24 24", ""), NotALogo::Invisible),
        (
            svg("24 24", r##"<circle cx="12" cy="12" r="11" fill="#fafafa"/>"##),
            NotALogo::Invisible,
        ),
        (png(64, 64, |_, _| [0, 0, 0, 0]), NotALogo::Invisible),
        (svg("7 7", finder), NotALogo::FinderPattern),
        (svg("7 7", ring), NotALogo::FinderPattern),
        (
            svg("9 9", &format!("<g transform=\"translate(1 1)\">{finder}</g>")),
            NotALogo::FinderPattern,
        ),
    ];
    for (file, why) in cases {
        let start = String::from_utf8_lossy(&file[..file.len().min(160)]).into_owned();
        assert_eq!(logo(&file), Err(why), "{start}");
    }
}

/// The size that a file claims is not what it is unpacked to before anybody looks.
#[test]
fn a_file_that_claims_to_be_vast_is_refused_before_it_is_unpacked() {
    let mut file = png(64, 64, |_, _| [0, 0, 0, 255]);
    // Width and height stand at 16 and 20 in a PNG.
    for at in [16, 20] {
        file[at..at + 4].copy_from_slice(&60_000_u32.to_be_bytes());
    }
    assert!(matches!(logo(&file), Err(NotALogo::TooLarge | NotALogo::Format)));
    let bomb = r#"<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><desc>&e;&e;&e;</desc></svg>"#;
    assert!(logo(bomb.as_bytes()).is_err());
}

#[test]
fn what_is_kept_is_a_picture_of_ours() {
    let (_, file) = good()
        .into_iter()
        .find(|(name, _)| *name == "photograph")
        .unwrap();
    let logo = logo(&file).unwrap();
    let kept = image::load_from_memory(logo.picture().unwrap()).unwrap();
    assert_eq!((kept.width(), kept.height()), (384, 384));
    let link = "https://wa.me/85256428035?text=%23dom123456";
    let (with, ours) = (
        Code::new(link, Mark::of(Some(&logo))),
        Code::new(link, Mark::of(None)),
    );
    let (with, ours) = (with.unwrap(), ours.unwrap());
    assert_ne!(with.content_tag(Size::CODE), ours.content_tag(Size::CODE));
    assert!(with.svg(Size::CODE).contains("data:image/png;base64,"));
}
