//! Two decoders, a camera that shakes.

use onboarding_core::{Extension, PhoneNumber, whatsapp_link};
use onboarding_qr::{Card, Code, DrawError, Mark, Picture, Size, Theme};
use proptest::prelude::*;

use crate::{
    LINK,
    camera::{SHOTS, STILL, grey, rqrr, shoot, zbar},
    card, code, fonts, languages,
};

fn size(pixels: u32) -> Size {
    Size::new(pixels).unwrap()
}

fn link(text: &str) -> String {
    whatsapp_link(&PhoneNumber::parse("+85256428035").unwrap(), text)
}

fn links() -> [String; 4] {
    [
        link("#d"),
        link("#dom123456"),
        link(&format!("#{}", "a1b2c3d4".repeat(8))),
        link("Grüß Gott, Jürgen 👋 #dom"),
    ]
}

#[test]
fn both_decoders_read_every_code_and_card_as_it_is() {
    for link in links() {
        let code = code(&link);
        for pixels in [200, 256, 333, 480, 720, 1500] {
            let picture = grey(&code.png(size(pixels)).unwrap());
            assert_eq!(picture.dimensions(), (pixels, pixels));
            assert_eq!(rqrr(&picture), [link.as_str()], "{pixels}");
            assert_eq!(zbar(&picture), [link.as_str()], "{pixels}");
        }
        for theme in [Theme::Light, Theme::Dark] {
            let english = languages(&["en"]);
            let card = Card {
                theme,
                ..card("Robert Fox", &english, &code)
            };
            for pixels in [540, 1080] {
                let picture = grey(&card.png(&fonts(), size(pixels)).unwrap());
                assert_eq!(rqrr(&picture), [link.as_str()], "{theme:?} {pixels}");
                assert_eq!(zbar(&picture), [link.as_str()], "{theme:?} {pixels}");
            }
        }
    }
}

/// A blurred and turned picture may be too much for a decoder; the mark must never be what makes it so.
#[test]
fn the_mark_costs_no_decoder_a_code_when_the_camera_shakes() {
    let (mut read, mut shots) = (0, 0);
    for link in links() {
        let bare = Code::new(&link, Mark::None).unwrap();
        for pixels in [200, 320, 480] {
            let marked = grey(&code(&link).png(size(pixels)).unwrap());
            let bare = grey(&bare.png(size(pixels)).unwrap());
            for shot in SHOTS {
                let (marked, bare) = (shoot(&marked, shot), shoot(&bare, shot));
                assert_eq!(zbar(&marked), [link.as_str()], "zbar {pixels} {shot:?} {link}");
                let there = rqrr(&marked) == [link.as_str()];
                assert!(
                    there || rqrr(&bare) != [link.as_str()],
                    "rqrr {pixels} {shot:?} {link}"
                );
                read += u32::from(there);
                shots += 1;
            }
        }
    }
    assert!(read * 100 >= shots * 90, "rqrr read {read} of {shots}");
}

#[test]
fn cards_are_read_when_the_camera_shakes() {
    let code = code(LINK);
    let tongues = languages(&["zh-HK", "en"]);
    for theme in [Theme::Light, Theme::Dark] {
        let card = Card {
            theme,
            ..card("陳大文", &tongues, &code)
        };
        let picture = grey(&card.png(&fonts(), Size::CARD).unwrap());
        for shot in SHOTS {
            let seen = shoot(&picture, shot);
            assert_eq!(rqrr(&seen), [LINK], "{theme:?} {shot:?}");
            assert_eq!(zbar(&seen), [LINK], "{theme:?} {shot:?}");
        }
    }
}

#[test]
fn a_logo_in_the_middle_is_read_over() {
    let svg = br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M4 21L12 3L20 21M7 15H17" stroke="#7a1f2b" stroke-width="3" fill="none"/></svg>"##;
    let logo = Mark::Logo(Picture::parse(svg).unwrap());
    let link_of_42 = link(&format!("#{}", "c0ffee".repeat(7)));
    for link in links().into_iter().chain([link_of_42]) {
        let picture = grey(&Code::new(&link, logo.clone()).unwrap().png(size(480)).unwrap());
        let seen = shoot(&picture, STILL);
        assert_eq!((rqrr(&seen), zbar(&seen)), (vec![link.clone()], vec![link]));
    }
}

#[test]
fn a_code_too_fine_to_be_read_is_refused_with_the_size_that_is_not() {
    let long = code(&link(&format!("#{}", "陳".repeat(64))));
    let Err(DrawError::TooSmall { given: 200, least }) = long.png(size(200)) else {
        panic!("it was drawn");
    };
    assert!(long.png(size(least - 1)).is_err());
    let picture = grey(&long.png(size(least)).unwrap());
    assert_eq!(zbar(&picture), [long.link()]);
}

#[test]
fn a_code_is_dark_on_light_with_four_modules_of_white_around() {
    let english = languages(&["en"]);
    let code = code(LINK);
    let picture = grey(&code.png(size(450)).unwrap());
    // 37 modules and 8 of white: 10 pixels each.
    for at in 0..450 {
        for edge in 0..40 {
            for (x, y) in [(at, edge), (edge, at), (at, 449 - edge), (449 - edge, at)] {
                assert_eq!(picture.get_pixel(x, y).0, [255]);
            }
        }
    }
    assert_eq!(picture.get_pixel(41, 41).0, [0]);
    // On a dark card too: black and white at the same places beside the middle.
    let dark = Card {
        theme: Theme::Dark,
        ..card("Robert Fox", &english, &code)
    };
    let dark = grey(&dark.png(&fonts(), Size::CARD).unwrap());
    let light = grey(
        &card("Robert Fox", &english, &code)
            .png(&fonts(), Size::CARD)
            .unwrap(),
    );
    let square = |picture: &image::GrayImage| -> Vec<u8> {
        (200..880).map(|x| picture.get_pixel(x, 800).0[0]).collect()
    };
    assert_eq!(square(&dark), square(&light));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_extension_the_code_says_it(name in "[a-z0-9._-]{1,64}", pixels in 200_u32..900) {
        let extension = Extension::parse(&format!("#{name}"));
        prop_assume!(extension.is_ok());
        let link = link(&extension.unwrap().to_string());
        let picture = grey(&code(&link).png(size(pixels)).unwrap());
        prop_assert_eq!(rqrr(&picture), [link.as_str()]);
        prop_assert_eq!(zbar(&picture), [link.as_str()]);
    }
}
