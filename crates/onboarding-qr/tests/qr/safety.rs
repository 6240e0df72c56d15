//! Names that somebody chose to do harm, pictures that want to read files, colours that nobody can read.

use onboarding_core::OrgUnitId;
use onboarding_qr::{
    Card, CodeImage, DrawError, InvalidSize, NoSignature, NotAPicture, Person, Picture, Size, Theme,
    content_tag, signature,
};

use crate::{LINK, camera::grey, card, code, fonts, languages};

const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    r#"" onload="alert(1)"#,
    "</text></svg><svg onload='x'>",
    "Eve \u{202e}gnp.exe &amp; ]]> \u{0}\u{fffe}",
    "&lol;&#x41; <!ENTITY x SYSTEM 'file:///etc/passwd'>",
    "",
];

#[test]
fn hostile_names_stay_text() {
    let (code, english) = (code(LINK), languages(&["en"]));
    let unit = OrgUnitId::parse("hk").unwrap();
    for name in HOSTILE {
        let svg = Card {
            title: Some(name),
            company: name,
            ..card(name, &english, &code)
        }
        .svg(&fonts(), Size::CARD)
        .unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            assert_ne!(node.tag_name().name(), "script", "{name}");
            assert!(
                node.attributes()
                    .all(|attribute| !attribute.name().starts_with("on")),
                "{name}"
            );
        }
        let person = Person {
            username: "eve",
            name,
            title: Some(name),
            email: None,
            org_unit: &unit,
            extension: None,
        };
        let html = signature(
            &person,
            name,
            &code,
            CodeImage::At("https://acme.example/a.png?b=1&c=\""),
        )
        .unwrap();
        // XML's rules are stricter than HTML's: an image without its end is the one exception.
        let closed = html.replace("background:#ffffff\">", "background:#ffffff\"/>");
        let document = roxmltree::Document::parse(&closed).unwrap();
        assert!(
            !document
                .descendants()
                .any(|node| node.tag_name().name() == "script")
        );
        assert!(!html.contains('\u{202e}'));
    }
}

#[test]
fn a_signature_loads_its_picture_over_https_or_holds_it() {
    let code = code(LINK);
    let unit = OrgUnitId::parse("hk").unwrap();
    let person = Person {
        username: "dom",
        name: "Robert Fox",
        title: None,
        email: None,
        org_unit: &unit,
        extension: None,
    };
    let html = signature(&person, "Acme", &code, CodeImage::Embedded).unwrap();
    assert!(html.contains("src=\"data:image/png;base64,"));
    assert!(html.contains("href=\"https://wa.me/85256428035?text=%23dom123456\""));
    for address in [
        "http://acme.example/a.png",
        "javascript:alert(1)",
        "file:///etc/passwd",
    ] {
        let refused = signature(&person, "Acme", &code, CodeImage::At(address));
        assert_eq!(refused, Err(NoSignature::NotHttps));
    }
}

#[test]
fn letters_that_no_font_has_are_refused_and_symbols_are_left_out() {
    let (code, english) = (code(LINK), languages(&["en"]));
    let refused = card("陳水扁", &english, &code).svg(&fonts(), Size::CARD);
    assert_eq!(
        refused,
        Err(DrawError::NoGlyph {
            letters: "扁水".to_owned()
        })
    );
    let plain = card("Ana", &english, &code).png(&fonts(), Size::CARD);
    assert_eq!(card("Ana 🪿", &english, &code).png(&fonts(), Size::CARD), plain);
}

#[test]
fn no_text_leaves_its_card() {
    let (code, both) = (code(LINK), languages(&["de", "fr"]));
    let long = "Wolfeschlegelsteinhausenbergerdorff von und zu ".repeat(8);
    for name in [
        long.as_str(),
        &"W".repeat(300),
        &"陳大文".repeat(60),
        &"محمد ".repeat(60),
    ] {
        let card = Card {
            title: Some(name),
            company: name,
            ..card(name, &both, &code)
        };
        let picture = grey(&card.png(&fonts(), Size::CARD).unwrap());
        let ground = *picture.get_pixel(0, 0);
        let edges = (0..1440).flat_map(|y| [(20, y), (60, y), (1019, y), (1059, y)]);
        let ends = (0..1080).flat_map(|x| [(x, 40), (x, 1400)]);
        for (x, y) in edges.chain(ends) {
            assert_eq!(*picture.get_pixel(x, y), ground, "{x} {y} {name}");
        }
        assert_eq!(crate::camera::zbar(&picture), [LINK]);
    }
}

#[test]
fn pictures_read_no_files_and_run_nothing() {
    let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9" onload="x()"><script>x()</script><image xlink:href="/etc/hostname" width="9" height="9"/><image href="https://evil.example/a.png" width="9" height="9"/><rect width="5" height="5"/></svg>"#;
    let picture = format!("{:?}", Picture::parse(svg.as_bytes()).unwrap());
    let plain =
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="5" height="5"/></svg>"#;
    assert_eq!(
        picture,
        format!("{:?}", Picture::parse(plain.as_bytes()).unwrap())
    );
    for bytes in [
        &b""[..],
        b"GIF89a",
        b"<svg",
        b"\x89PNG\r\n\x1a\n",
        &[0xff, 0xd8, 0xff, 0xe0],
    ] {
        assert_eq!(Picture::parse(bytes), Err(NotAPicture::Format));
    }
    let large = [b"<svg>".as_slice(), &vec![b' '; 600 << 10]].concat();
    assert_eq!(Picture::parse(&large), Err(NotAPicture::TooLarge));
}

#[test]
fn a_portrait_fills_the_disc() {
    let (code, english) = (code(LINK), languages(&["en"]));
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(300, 200, image::Rgb([255, 0, 0]))
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let portrait = Picture::parse(&png.into_inner()).unwrap();
    let card = Card {
        avatar: Some(&portrait),
        ..card("Robert Fox", &english, &code)
    };
    let png = card.png(&fonts(), Size::CARD).unwrap();
    let picture = image::load_from_memory(&png).unwrap().to_rgb8();
    assert_eq!(picture.get_pixel(540, 180).0, [255, 0, 0]);
}

#[test]
fn sizes_outside_are_refused_with_the_mend() {
    for pixels in [0, 127, 4097, u32::MAX] {
        assert_eq!(Size::new(pixels), Err(InvalidSize(pixels)));
    }
    let said = InvalidSize(127).to_string();
    assert_eq!(said, "127 pixels is no size for a picture: choose 128 to 4096");
    assert!(Size::new(128).is_ok() && Size::new(4096).is_ok());
}

#[test]
fn a_tag_changes_with_everything_that_is_seen() {
    let (english, arabic) = (languages(&["en"]), languages(&["ar"]));
    let (one, two) = (code(LINK), code("https://wa.me/1?text=%23x"));
    let base = card("Robert Fox", &english, &one);
    let fonts = fonts();
    let mut tags = vec![
        base.content_tag(&fonts, Size::CARD),
        base.content_tag(&fonts, Size::CODE),
        base.content_tag(&onboarding_qr::Fonts::embedded(), Size::CARD),
        one.content_tag(Size::CARD),
        two.content_tag(Size::CARD),
        content_tag(&[]),
    ];
    for other in [
        Card {
            name: "Robert",
            ..base
        },
        Card { title: None, ..base },
        Card {
            company: "Acme",
            ..base
        },
        Card {
            languages: &arabic,
            ..base
        },
        Card { code: &two, ..base },
        Card {
            theme: Theme::Dark,
            ..base
        },
    ] {
        tags.push(other.content_tag(&fonts, Size::CARD));
    }
    let all = tags.len();
    assert_eq!(tags[0], base.content_tag(&fonts, Size::CARD));
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), all);
}
